	.file	"kernel.c"
	.section	.text.hist_skew,"ax",@progbits
	.globl	hist_skew                       // -- Begin function hist_skew
	.p2align	2
	.type	hist_skew,@function
hist_skew:                              // @hist_skew
	.cfi_startproc
// %bb.0:
	stp	x29, x30, [sp, #-48]!           // 16-byte Folded Spill
	.cfi_def_cfa_offset 48
	str	x21, [sp, #16]                  // 8-byte Spill
	stp	x20, x19, [sp, #32]             // 16-byte Folded Spill
	mov	x29, sp
	.cfi_def_cfa w29, 48
	.cfi_offset w19, -8
	.cfi_offset w20, -16
	.cfi_offset w21, -32
	.cfi_offset w30, -40
	.cfi_offset w29, -48
	mov	x19, x2
	mov	x20, x1
	mov	x21, x0
	mov	x0, x2
	mov	w1, wzr
	mov	w2, #1024                       // =0x400
	bl	memset
	cbz	x20, .LBB0_2
.LBB0_1:                                // =>This Inner Loop Header: Depth=1
	ldrb	w8, [x21], #1
	subs	x20, x20, #1
	ldr	w9, [x19, x8, lsl #2]
	add	w9, w9, #1
	str	w9, [x19, x8, lsl #2]
	b.ne	.LBB0_1
.LBB0_2:
	.cfi_def_cfa wsp, 48
	ldp	x20, x19, [sp, #32]             // 16-byte Folded Reload
	ldr	x21, [sp, #16]                  // 8-byte Reload
	ldp	x29, x30, [sp], #48             // 16-byte Folded Reload
	.cfi_def_cfa_offset 0
	.cfi_restore w19
	.cfi_restore w20
	.cfi_restore w21
	.cfi_restore w30
	.cfi_restore w29
	ret
.Lfunc_end0:
	.size	hist_skew, .Lfunc_end0-hist_skew
	.cfi_endproc
                                        // -- End function
	.ident	"clang version 22.1.8"
	.section	".note.GNU-stack","",@progbits
	.addrsig
