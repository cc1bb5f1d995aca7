	.file	"kernel.c"
	.section	.text.hist_skew,"ax",@progbits
	.globl	hist_skew                       # -- Begin function hist_skew
	.p2align	4
	.type	hist_skew,@function
hist_skew:                              # @hist_skew
	.cfi_startproc
# %bb.0:
	pushq	%r15
	.cfi_def_cfa_offset 16
	pushq	%r14
	.cfi_def_cfa_offset 24
	pushq	%rbx
	.cfi_def_cfa_offset 32
	.cfi_offset %rbx, -32
	.cfi_offset %r14, -24
	.cfi_offset %r15, -16
	movq	%rdx, %rbx
	movq	%rsi, %r15
	movq	%rdi, %r14
	movl	$1024, %edx                     # imm = 0x400
	movq	%rbx, %rdi
	xorl	%esi, %esi
	callq	memset@PLT
	testq	%r15, %r15
	je	.LBB0_6
# %bb.1:
	movl	%r15d, %eax
	andl	$3, %eax
	cmpq	$4, %r15
	jae	.LBB0_7
# %bb.2:
	xorl	%ecx, %ecx
	jmp	.LBB0_4
.LBB0_7:
	andq	$-4, %r15
	xorl	%ecx, %ecx
	.p2align	4
.LBB0_8:                                # =>This Inner Loop Header: Depth=1
	movzbl	(%r14,%rcx), %edx
	incl	(%rbx,%rdx,4)
	movzbl	1(%r14,%rcx), %edx
	incl	(%rbx,%rdx,4)
	movzbl	2(%r14,%rcx), %edx
	incl	(%rbx,%rdx,4)
	movzbl	3(%r14,%rcx), %edx
	incl	(%rbx,%rdx,4)
	addq	$4, %rcx
	cmpq	%rcx, %r15
	jne	.LBB0_8
# %bb.3:
	testq	%rax, %rax
	je	.LBB0_6
.LBB0_4:
	addq	%rcx, %r14
	xorl	%ecx, %ecx
	.p2align	4
.LBB0_5:                                # =>This Inner Loop Header: Depth=1
	movzbl	(%r14,%rcx), %edx
	incl	(%rbx,%rdx,4)
	incq	%rcx
	cmpq	%rcx, %rax
	jne	.LBB0_5
.LBB0_6:
	popq	%rbx
	.cfi_def_cfa_offset 24
	popq	%r14
	.cfi_def_cfa_offset 16
	popq	%r15
	.cfi_def_cfa_offset 8
	retq
.Lfunc_end0:
	.size	hist_skew, .Lfunc_end0-hist_skew
	.cfi_endproc
                                        # -- End function
	.ident	"clang version 22.1.8"
	.section	".note.GNU-stack","",@progbits
	.addrsig
