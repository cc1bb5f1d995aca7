"""Bodies of wrong, malformed and hostile rewrites of `hist_skew`, by level.

Each entry is a name and a text; `hostile_answers.py` puts them into answers and says what must
become of each.
"""

SIGNATURE = "void hist_skew(const uint8_t *data, size_t n, uint32_t *counts)"
CLEAR = "for (size_t v = 0; v < 256; v++) counts[v] = 0;"
COUNT = "for (size_t i = 0; i < n; i++) counts[data[i]]++;"

WRONG_C_BODIES = {
    "does nothing": "",
    "only clears": CLEAR,
    "does not clear": COUNT,
    "clears too few": f"for (size_t v = 0; v < 255; v++) counts[v] = 0; {COUNT}",
    "clears too many": f"for (size_t v = 0; v < 300; v++) counts[v] = 0; {COUNT}",
    "drops the last": f"{CLEAR} for (size_t i = 0; i + 1 < n; i++) counts[data[i]]++;",
    "drops the first": f"{CLEAR} for (size_t i = 1; i < n; i++) counts[data[i]]++;",
    "drops the tail": f"{CLEAR} for (size_t i = 0; i + 4 <= n; i += 4) {{ counts[data[i]]++;"
    " counts[data[i + 1]]++; counts[data[i + 2]]++; counts[data[i + 3]]++; }",
    "reads too far": f"{CLEAR} for (size_t i = 0; i <= n; i++) counts[data[i]]++;",
    "reads before": f"{CLEAR} for (size_t i = 0; i < n; i++) counts[data[i - 1]]++;",
    "counts twice": f"{CLEAR} for (size_t i = 0; i < n; i++) counts[data[i]] += 2;",
    "samples": f"{CLEAR} for (size_t i = 0; i < n; i += 2) counts[data[i]] += 2;",
    "saturates": f"{CLEAR} for (size_t i = 0; i < n; i++) if (counts[data[i]] < 9)"
    " counts[data[i]]++;",
    "narrow counters": "uint8_t small[256] = {0}; for (size_t i = 0; i < n; i++) small[data[i]]++;"
    " for (int v = 0; v < 256; v++) counts[v] = small[v] & 7;",
    "signed index": f"{CLEAR} for (size_t i = 0; i < n; i++) counts[(int8_t)data[i]]++;",
    "wrong byte": f"{CLEAR} for (size_t i = 0; i < n; i++) counts[data[i] ^ 1]++;",
    "stops early": f"{CLEAR} for (size_t i = 0; i < n && i < 16; i++) counts[data[i]]++;",
    "stops at zero": f"{CLEAR} for (size_t i = 0; i < n && data[i]; i++) counts[data[i]]++;",
    "int counter": f"{CLEAR} for (signed char i = 0; i < (signed char)n; i++) counts[data[i]]++;",
    "knows one size": f"{CLEAR} if (n == 70) return; {COUNT}",
    "made up results": "for (int v = 0; v < 256; v++) counts[v] = (uint32_t)(n / 256);",
    "early exit on size": f"if (n > 3) return; {CLEAR} {COUNT}",
    "writes to its input": f"uint8_t *x = (uint8_t *)data; {CLEAR}"
    " for (size_t i = 0; i < n; i++) { counts[x[i]]++; x[i] = 0; }",
    "sorts its input": f"uint8_t *x = (uint8_t *)data; {CLEAR} {COUNT}"
    " for (size_t i = 1; i < n; i++) if (x[i] < x[i - 1])"
    " { uint8_t t = x[i]; x[i] = x[i - 1]; x[i - 1] = t; }",
    "writes behind the output": f"{CLEAR} {COUNT} counts[256] = 1;",
    "writes before the output": f"{CLEAR} {COUNT} counts[-1] = 1;",
    "null pointer": "*(volatile int *)0 = 1;",
    "wild pointer": "*(volatile int *)0x1234567 = 1;",
    "jumps into data": "((void (*)(void))(uintptr_t)data)();",
    "divides by zero": "volatile int zero = 0; counts[0] = (uint32_t)(1 / zero); __builtin_trap();",
    "trap": "__builtin_trap();",
    "unreachable": "__builtin_unreachable();",
    "endless loop": "for (volatile int x = 0;; x++) ;",
    "endless if large": f"{CLEAR} {COUNT} volatile size_t x = n; while (x > 2) ;",
    "endless recursion": "volatile char room[64]; room[n & 63] = 1;"
    " hist_skew(data, n, counts); room[0] = 2;",
    "smashes the stack": "volatile char small[8]; for (int i = 0; i < 100000; i++)"
    " ((volatile char *)small)[i] = 0x41;",
    "overwrites its return address": "volatile void **frame ="
    " (volatile void **)__builtin_frame_address(0);"
    " for (int i = -4; i < 16; i++) frame[i] = (void *)0x41414141;",
    "large stack": "volatile char big[1 << 28]; for (size_t i = 0; i < sizeof big; i += 4096)"
    " big[i] = 1;",
    "frees its input": "free((void *)data);",
    "exhausts memory": "for (;;) { volatile char *p = malloc(1 << 20); if (p)"
    " for (int i = 0; i < 1 << 20; i += 4096) p[i] = 1; else __builtin_trap(); }",
    "aborts": "abort();",
    "exits with success": f"{CLEAR} {COUNT} exit(0);",
    "exits at once": "exit(0);",
    "exits quickly": "_Exit(0);",
    "quick_exit": "quick_exit(0);",
    "registers an exit handler": f"{CLEAR} {COUNT} atexit(abort);",
    "prints": f'{CLEAR} {COUNT} puts("PASS");',
    "prints a verdict": f'{CLEAR} {COUNT} printf("{{\\"outcome\\": \\"faster\\"}}");',
    "opens a file": f'{CLEAR} {COUNT} fopen("/etc/passwd", "r");',
    "removes files": f'{CLEAR} {COUNT} remove("/tmp/x");',
    "runs a command": f'{CLEAR} {COUNT} system("id");',
    "reads the environment": f'{CLEAR} {COUNT} if (getenv("HOME")) counts[0]++;',
    "asks the clock": f"{CLEAR} {COUNT} if (clock()) counts[0] = 0;",
    "jumps out": f"{CLEAR} {COUNT} jmp_buf b; longjmp(b, 1);",
    "not declared": f"{CLEAR} {COUNT} does_not_exist(counts);",
    "does not type check": "counts = data + n; return counts;",
    "missing semicolon": f"{CLEAR} int x = 1 {COUNT}",
    "cyclic initializer": f"{CLEAR} int x = {{{{}}; {COUNT}",
}
"""All parse as C and keep the signature, so they are spliced; the build or the tests reject them."""

_KEEP = "static uint32_t old[256];"
_COPY = "for (int v = 0; v < 256; v++)"
STATEFUL_C_BODIES = {
    "works at the first call only": f"static size_t calls; if (calls++) return; {CLEAR} {COUNT}",
    "keeps results by pointer": f"static const uint8_t *last; {_KEEP} if (data == last)"
    f" {{ {_COPY} counts[v] = old[v]; return; }} last = data; {CLEAR} {COUNT}"
    f" {_COPY} old[v] = counts[v];",
    "keeps results by size": f"static size_t last = 1; {_KEEP} if (n == last)"
    f" {{ {_COPY} counts[v] = old[v]; return; }} last = n; {CLEAR} {COUNT}"
    f" {_COPY} old[v] = counts[v];",
    "sums over calls": f"{_KEEP} for (size_t i = 0; i < n; i++) old[data[i]]++;"
    f" {_COPY} counts[v] = old[v];",
    "state in a block": f"{CLEAR} {COUNT} {{ static int seen; seen++; counts[0] += seen; }}",
}
"""Refused, because calls would share state."""

X86_CALLS = {
    "exit by syscall": ("syscall", "0x3c"),
    "kill by syscall": ("syscall", "0x3e"),
    "fork by syscall": ("syscall", "0x39"),
    "old system call": ("int $0x80", "1"),
    "sysenter": ("sysenter", "1"),
}

NOT_C = {
    "python": "def hist_skew(data, n, counts):\n    for x in data[:n]:\n        counts[x] += 1\n",
    "rust": "pub fn hist_skew(data: &[u8], counts: &mut [u32; 256]) {\n    for &b in data {"
    " counts[b as usize] += 1; }\n}\n",
    "java script": "const hist_skew = (data, n, counts) => {\n  for (let i = 0; i < n; i++)"
    " counts[data[i]]++;\n};\n",
    "llvm": "define void @hist_skew(ptr %data, i64 %n, ptr %counts) {\nentry:\n  ret void\n}\n",
    "assembly": "hist_skew:\n\tmovq %rsi, %rax\n\tretq\n",
    "diff": "--- a/kernel.c\n+++ b/kernel.c\n@@ -1,3 +1,3 @@\n-    counts[data[i]]++;\n+    ++counts;\n",
    "prose": "I would split the counter table into four and add them up at the end.\n",
    "shell": "#!/bin/sh\nrm -rf /\n",
    "html": "<html><body><h1>502 Bad Gateway</h1></body></html>\n",
    "go": "func hist_skew(data []byte, counts *[256]uint32) {\n\tfor _, b := range data {"
    " counts[b]++ }\n}\n",
}

BESIDE_C = {
    "file of the system": ('#include "/etc/passwd"', "unknown_option"),
    "file of the system in brackets": ("#include </etc/passwd>", "unknown_option"),
    "file above": ('#include "../../secret.h"', "unknown_option"),
    "header by macro": ("#define H <stdio.h>\n#include H", "unknown_option"),
    "header by digraph": ('%:include "/etc/shadow"', "wrong_language"),
    "header behind a line break": ('#inc\\\nlude "/proc/self/environ"', "unknown_option"),
    "next header": ("#include_next <stdint.h>", "unknown_option"),
    "embedded file": ('static const char x[] = {\n#embed "/etc/passwd"\n};', "unknown_option"),
    "system header": ("#include <unistd.h>", "unknown_option"),
    "thread header": ("#include <pthread.h>", "unknown_option"),
    "signal header": ("#include <sys/mman.h>", "unknown_option"),
    "assembly beside": ('__asm__(".globl evil\\nevil: ret");', "unknown_option"),
    "assembly that includes": ('__asm__(".incbin \\"/etc/passwd\\"");', "unknown_option"),
    "constructor": ("__attribute__((constructor)) static void early(void) {}", "unknown_option"),
    "constructor with priority": (
        "static void __attribute__((__constructor__(101))) early(void) {}",
        "unknown_option",
    ),
    "destructor": ("__attribute__((destructor)) static void late(void) {}", "unknown_option"),
    "constructor by macro": (
        "#define START __attribute__((constructor))\nSTART static void early(void) {}",
        "unknown_option",
    ),
    "section": (
        'static const int x __attribute__((section(".init_array"))) = 0;',
        "unknown_option",
    ),
    "indirect function": (
        'static void *pick(void);\n__attribute__((ifunc("pick"))) static void f(void);',
        "unknown_option",
    ),
    "alias": ('static void f(void) __attribute__((alias("hist_skew")));', "unknown_option"),
    "attribute in brackets": ("[[gnu::constructor]] static void early(void) {}", "unknown_option"),
    "other instruction set": (
        '__attribute__((target("avx512f"))) static int f(int x) { return x; }',
        "unknown_option",
    ),
    "pragma target": ('#pragma GCC target("avx2")', "unknown_option"),
    "pragma optimize": ('#pragma GCC optimize("Ofast")', "unknown_option"),
    "pragma contraction": ("#pragma STDC FP_CONTRACT ON", "unknown_option"),
    "pragma fast": ("#pragma clang fp reassociate(on)", "unknown_option"),
    "pragma operator": ('_Pragma("clang attribute push")', "unknown_option"),
    "pragma push": ("#pragma weak memset = evil", "unknown_option"),
    "line directive": ('#line 1 "/etc/passwd"', "unknown_option"),
    "state": ("static uint32_t cache[256];", "unknown_option"),
    "state behind a pointer": ("static const uint8_t *last;", "unknown_option"),
    "global state": ("uint32_t cache[256];", "unknown_option"),
    "thread state": ("static _Thread_local int calls;", "unknown_option"),
    "visible table": ("const uint32_t table[2] = {1, 2};", "changed_signature"),
    "visible helper": ("int helper(int x) { return x; }", "changed_signature"),
    "its own main": ("int main(void) { return 0; }", "changed_signature"),
    "its own memset": (
        "void *memset(void *p, int c, size_t n) { (void)c; (void)n; return p; }",
        "changed_signature",
    ),
    "declared by hand": ("int system(const char *);", "unknown_option"),
    "external object": ("extern char **environ;", "unknown_option"),
    "macro over a type": ("#define size_t unsigned char", "two_candidates"),
    "macro over the name": ("#define hist_skew evil", "two_candidates"),
    "macro over a parameter": ("#define counts data", "two_candidates"),
    "macro over a keyword": ("#define for if", "unknown_option"),
    "macro over return": ("#define return", "unknown_option"),
    "second version": (f"{SIGNATURE} {{ {CLEAR} }}", "two_candidates"),
}
"""What stands beside the function, and the kind of the malformation."""

OTHER_SIGNATURES = {
    "other name": "void hist_fast(const uint8_t *data, size_t n, uint32_t *counts)",
    "homoglyph in the name": "void hist_skеw(const uint8_t *data, size_t n, uint32_t *counts)",
    "returns a value": "int hist_skew(const uint8_t *data, size_t n, uint32_t *counts)",
    "not const": "void hist_skew(uint8_t *data, size_t n, uint32_t *counts)",
    "narrow size": "void hist_skew(const uint8_t *data, int n, uint32_t *counts)",
    "wide counters": "void hist_skew(const uint8_t *data, size_t n, uint64_t *counts)",
    "signed data": "void hist_skew(const int8_t *data, size_t n, uint32_t *counts)",
    "other order": "void hist_skew(size_t n, const uint8_t *data, uint32_t *counts)",
    "one less": "void hist_skew(const uint8_t *data, size_t n)",
    "one more": "void hist_skew(const uint8_t *data, size_t n, uint32_t *counts, int threads)",
    "variadic": "void hist_skew(const uint8_t *data, size_t n, uint32_t *counts, ...)",
    "pointer to pointer": "void hist_skew(const uint8_t **data, size_t n, uint32_t *counts)",
    "static": "static void hist_skew(const uint8_t *data, size_t n, uint32_t *counts)",
    "inline": "inline void hist_skew(const uint8_t *data, size_t n, uint32_t *counts)",
    "no parameters": "void hist_skew(void)",
    "volatile": "void hist_skew(const volatile uint8_t *data, size_t n, uint32_t *counts)",
}

LAZY_COMMENTS = (
    "// ... rest unchanged",
    "/* existing code */",
    "// rest of the function remains the same",
    "...",
    "// ... (rest of the code)",
    "/* same as before */",
    "// … existing code …",
    "// remaining code unchanged",
    "/* omitted for brevity */",
)

WRONG_IR_BODIES = {
    "does nothing": "  ret void",
    "clears nothing, counts once": "  store i32 1, ptr %counts, align 4\n  ret void",
    "unreachable": "  unreachable",
    "endless loop": "  br label %again\nagain:\n  br label %again",
    "null pointer": "  store volatile i32 1, ptr null, align 4\n  ret void",
    "writes before": "  %p = getelementptr i32, ptr %counts, i64 -1\n"
    "  store i32 7, ptr %p, align 4\n  ret void",
    "writes to its input": "  call void @llvm.memset.p0.i64(ptr %counts, i8 0, i64 1024, i1 false)\n"
    "  call void @llvm.memset.p0.i64(ptr %data, i8 0, i64 %n, i1 false)\n  ret void",
    "only clears": "  call void @llvm.memset.p0.i64(ptr %counts, i8 0, i64 1024, i1 false)\n  ret void",
    "undefined value": "  store i32 %nowhere, ptr %counts, align 4\n  ret void",
    "defined twice": "  %x = add i64 %n, 1\n  %x = add i64 %n, 2\n  ret void",
    "does not dominate": "  br i1 true, label %a, label %b\na:\n  %x = add i64 %n, 1\n  br label %b\n"
    "b:\n  store i64 %x, ptr %counts, align 8\n  ret void",
    "wrong type": "  %x = add i32 %n, 1\n  ret void",
    "returns a value": "  ret i64 %n",
    "no terminator": "  %x = add i64 %n, 1",
    "phi without predecessor": "  br label %a\na:\n  %x = phi i64 [ 0, %nowhere ]\n  ret void",
    "unknown instruction": "  %x = popcount i64 %n\n  ret void",
    "calls what is not there": "  call void @helper(ptr %counts)\n  ret void",
    "calls itself": "  call void @hist_skew(ptr %data, i64 %n, ptr %counts)\n  ret void",
    "poison": "  %x = shl i64 1, 64\n  %p = getelementptr i8, ptr %counts, i64 %x\n"
    "  store i8 1, ptr %p, align 1\n  unreachable",
    "huge stack": "  %big = alloca [1073741824 x i8], align 1\n"
    "  call void @llvm.memset.p0.i64(ptr %big, i8 1, i64 1073741824, i1 false)\n"
    "  %x = load volatile i8, ptr %big, align 1\n  ret void",
    "needs an alignment that is not there": "  %v = load <64 x i8>, ptr %data, align 64\n"
    "  store <64 x i8> %v, ptr %counts, align 64\n  ret void",
}
"""Bodies behind `entry:`; all are spliced."""

REFUSED_IR = {
    "inline assembly": (
        '  call void asm sideeffect "syscall", "{rax},~{memory}"(i64 60)\n  ret void',
        "wrong_language",
    ),
    "old pointers": ("  %p = bitcast ptr %counts to i32*\n  ret void", "wrong_language"),
    "invented intrinsic": (
        "  call void @llvm.histogram.skew(ptr %counts)\n  ret void",
        "unknown_option",
    ),
    "trap": ("  call void @llvm.trap()\n  unreachable", "unknown_option"),
    "reads the clock": (
        "  %t = call i64 @llvm.readcyclecounter()\n  ret void",
        "unknown_option",
    ),
    "debug trap": ("  call void @llvm.debugtrap()\n  ret void", "unknown_option"),
    "return address": (
        "  %r = call ptr @llvm.returnaddress(i32 0)\n  store i8 0, ptr %r\n  ret void",
        "unknown_option",
    ),
    "named register": (
        '  %r = call i64 @llvm.read_register.i64(metadata !{!"rsp"})\n  ret void',
        "wrong_language",
    ),
    "metadata operand": (
        "  call void @llvm.experimental.noalias.scope.decl.x(metadata !5)\n  ret void",
        "wrong_language",
    ),
}

BESIDE_IR = {
    "module assembly": ('module asm ".globl evil"', "wrong_language"),
    "constructor": (
        "@llvm.global_ctors = appending global [1 x ptr] [ptr @hist_skew]",
        "wrong_language",
    ),
    "state": ("@cache = internal global [256 x i32] zeroinitializer", "wrong_language"),
    "visible constant": ("@table = constant i32 1", "wrong_language"),
    "constant in a section": (
        '@table = private constant i32 1, section ".init_array"',
        "wrong_language",
    ),
    "thread state": ("@x = internal thread_local global i32 0", "wrong_language"),
    "alias": ("@evil = alias void (ptr, i64, ptr), ptr @hist_skew", "wrong_language"),
    "indirect function": ("@evil = ifunc void (), ptr @hist_skew", "wrong_language"),
    "group of sections": ("$hist_skew = comdat any", "wrong_language"),
    "new type": ("%struct.x = type { i32 }", "wrong_language"),
    "command": ("declare i32 @system(ptr)", "unknown_option"),
    "exit": ("declare void @exit(i32)", "unknown_option"),
    "unlisted intrinsic": ("declare i64 @llvm.readcyclecounter()", "unknown_option"),
    "helper": ("define internal void @helper() {\n  ret void\n}", "two_candidates"),
    "its own memset": (
        "define ptr @memset(ptr %p, i32 %c, i64 %n) {\n  ret ptr %p\n}",
        "two_candidates",
    ),
    "second version": (
        "define void @hist_skew(ptr %data, i64 %n, ptr %counts) {\n  ret void\n}",
        "two_candidates",
    ),
    "nonsense": ("this is not IR at all", "wrong_language"),
}

IR_HEADERS = {
    "other name": ("define void @hist(ptr %data, i64 %n, ptr %counts)", "changed_signature"),
    "narrow size": ("define void @hist_skew(ptr %data, i32 %n, ptr %counts)", "changed_signature"),
    "one less": ("define void @hist_skew(ptr %data, i64 %n)", "changed_signature"),
    "one more": (
        "define void @hist_skew(ptr %data, i64 %n, ptr %counts, i64 %x)",
        "changed_signature",
    ),
    "result": ("define i32 @hist_skew(ptr %data, i64 %n, ptr %counts)", "changed_signature"),
    "order": ("define void @hist_skew(i64 %n, ptr %data, ptr %counts)", "changed_signature"),
    "variadic": (
        "define void @hist_skew(ptr %data, i64 %n, ptr %counts, ...)",
        "changed_signature",
    ),
    "old pointers": ("define void @hist_skew(i8* %data, i64 %n, i32* %counts)", "wrong_language"),
    "section": (
        'define void @hist_skew(ptr %data, i64 %n, ptr %counts) section ".init"',
        "unknown_option",
    ),
    "instruction set": (
        'define void @hist_skew(ptr %data, i64 %n, ptr %counts) "target-features"="+avx512f"',
        "unknown_option",
    ),
    "naked": ("define void @hist_skew(ptr %data, i64 %n, ptr %counts) naked", "unknown_option"),
    "strange claim": (
        "define void @hist_skew(ptr swifterror %data, i64 %n, ptr %counts)",
        "unknown_option",
    ),
    "claim about a number": (
        "define void @hist_skew(ptr %data, i64 noalias %n, ptr %counts)",
        "unknown_option",
    ),
}

WRONG_X86 = {
    "does nothing": "\tretq",
    "no return": "\tnop",
    "endless loop": ".Lx:\n\tjmp\t.Lx",
    "system call": "\tmovl\t$60, %eax\n\txorl\t%edi, %edi\n\tsyscall",
    "old system call": "\tmovl\t$1, %eax\n\tint\t$0x80\n\tretq",
    "sysenter": "\tsysenter\n\tretq",
    "illegal instruction": "\tud2",
    "halt": "\thlt\n\tretq",
    "port": "\toutb\t%al, $0x80\n\tretq",
    "pops its return address": "\tpopq\t%rax\n\tretq",
    "unbalanced stack": "\tpushq\t%rax\n\tretq",
    "loses the stack": "\txorl\t%esp, %esp\n\tpushq\t%rax\n\tretq",
    "null pointer": "\tmovq\t$0, 0\n\tretq",
    "jumps into data": "\tjmp\t*%rdi",
    "only one counter": "\tmovl\t%esi, (%rdx)\n\tretq",
    "writes before": "\tmovl\t$1, -4(%rdx)\n\tretq",
    "calls exit": "\txorl\t%edi, %edi\n\tcallq\texit@PLT",
    "calls a command": "\tcallq\tsystem@PLT\n\tretq",
    "label is not there": "\tjmp\t.Lnowhere",
    "unknown mnemonic": "\tfastq\t%rax\n\tretq",
    "wrong operands": "\tmovq\t%eax, %rbx\n\tretq",
    "aligned access": "\tmovaps\t1(%rdi), %xmm0\n\tmovaps\t%xmm0, 1(%rdx)\n\tretq",
    "other instruction set": "\tvpxorq\t%zmm0, %zmm0, %zmm0\n\tvmovdqu64\t%zmm0, (%rdx)\n\tretq",
}
WRONG_ARM = {
    "does nothing": "\tret",
    "endless loop": ".Lx:\n\tb\t.Lx",
    "system call": "\tmov\tx8, #93\n\tmov\tx0, #0\n\tsvc\t#0",
    "hypervisor call": "\thvc\t#0\n\tret",
    "illegal instruction": "\tudf\t#0",
    "null pointer": "\tmov\tx9, #0\n\tstr\tx9, [x9]\n\tret",
    "only one counter": "\tstr\tw1, [x2]\n\tret",
    "loses the stack": "\tmov\tx9, #0\n\tmov\tsp, x9\n\tstr\tx0, [sp]\n\tret",
    "wrong operands": "\tadd\tx0, w1, w2, x3\n\tret",
    "calls exit": "\tmov\tw0, #0\n\tb\texit",
}

REFUSED_ASM = {
    "file": '\t.incbin\t"/etc/passwd"\n\tretq',
    "file behind a label": '.Lx: .incbin "/etc/passwd"\n\tretq',
    "file behind a semicolon": '\tnop; .incbin "/etc/passwd"\n\tretq',
    "file behind a comment": '\t/* x */ .include "/etc/passwd"\n\tretq',
    "include": '\t.include\t"/etc/passwd"\n\tretq',
    "macro": "\t.macro\tm\n\tsyscall\n\t.endm\n\tm\n\tretq",
    "repetition": "\t.rept\t1000000000\n\tnop\n\t.endr\n\tretq",
    "conditional": "\t.if\t1\n\tretq\n\t.endif",
    "bytes": "\t.byte\t0x0f, 0x05\n\tretq",
    "words": "\t.long\t0x050f\n\tretq",
    "section": '\t.section\t.init_array,"aw"\n\t.quad\thist_skew\n\t.text\n\tretq',
    "data": "\t.data\n.Lx:\n\t.long\t0\n\t.text\n\tretq",
    "push section": '\t.pushsection\t.ctors,"aw"\n\t.popsection\n\tretq',
    "another symbol": "\t.globl\tmemset\n\tretq",
    "weak": "\t.weak\tmain\n\tretq",
    "set": "\t.set\tmemset, hist_skew\n\tretq",
    "assignment": "\tmemset = hist_skew\n\tretq",
    "origin": "\t.org\t1000000000\n\tretq",
    "location": "\t. = . + 1000000\n\tretq",
    "fill": "\t.fill\t1000000000, 8, 0\n\tretq",
    "space": "\t.space\t1000000000\n\tretq",
    "huge alignment": "\t.p2align\t30\n\tretq",
    "common": "\t.comm\tx, 1000000000\n\tretq",
    "symbol version": "\t.symver\tmemset, memset@X\n\tretq",
    "another entry": "evil:\n\tretq",
    "another function": "\tretq\nmain:\n\tretq",
    "Intel directive": "\t.intel_syntax noprefix\n\tmov rax, rdi\n\tretq",
    "Intel registers": "\tmov eax, esi\n\tret",
    "Intel memory": "\tmov dword ptr [rdx], 1\n\tret",
    "Intel brackets": "\tmovl [rdx+4], %eax\n\tretq",
    "AArch64": "\tadd x0, x0, x1\n\tret",
    "AArch64 load": "\tldrb w8, [x0], #1\n\tret",
    "C": "\tfor (size_t i = 0; i < n; i++) { counts[data[i]]++; }\n\treturn;",
    "quotes": '\tmovq\t"a b"(%rip), %rax\n\tretq',
    "other architecture": "\t.code32\n\tretq",
    "extension": "\t.arch\tarmv9-a+sve\n\tretq",
    "warning": '\t.error\t"stop"\n\tretq',
    "file name": "\t.loc_mark_labels 1\n\tretq",
    "print": '\t.print\t"PASS"\n\tretq',
}
"""Bodies behind the label, all refused as another language."""
