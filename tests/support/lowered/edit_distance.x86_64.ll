; ModuleID = 'kernel.c'
source_filename = "kernel.c"
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-unknown-linux-musl"

; Function Attrs: nounwind uwtable
define dso_local i32 @edit_distance(ptr noundef %a, i64 noundef %na, ptr noundef %b, i64 noundef %nb, ptr noundef %row) #0 {
entry:
  %a.addr = alloca ptr, align 8
  %na.addr = alloca i64, align 8
  %b.addr = alloca ptr, align 8
  %nb.addr = alloca i64, align 8
  %row.addr = alloca ptr, align 8
  %j = alloca i64, align 8
  %i = alloca i64, align 8
  %cleanup.dest.slot = alloca i32, align 4
  %diagonal = alloca i32, align 4
  %j9 = alloca i64, align 8
  %replaced = alloca i32, align 4
  store ptr %a, ptr %a.addr, align 8, !tbaa !9
  store i64 %na, ptr %na.addr, align 8, !tbaa !12
  store ptr %b, ptr %b.addr, align 8, !tbaa !9
  store i64 %nb, ptr %nb.addr, align 8, !tbaa !12
  store ptr %row, ptr %row.addr, align 8, !tbaa !14
  call void @llvm.lifetime.start.p0(ptr %j) #2
  store i64 0, ptr %j, align 8, !tbaa !12
  br label %for.cond

for.cond:                                         ; preds = %for.inc, %entry
  %0 = load i64, ptr %j, align 8, !tbaa !12
  %1 = load i64, ptr %nb.addr, align 8, !tbaa !12
  %cmp = icmp ule i64 %0, %1
  br i1 %cmp, label %for.body, label %for.cond.cleanup

for.cond.cleanup:                                 ; preds = %for.cond
  call void @llvm.lifetime.end.p0(ptr %j) #2
  br label %for.end

for.body:                                         ; preds = %for.cond
  %2 = load i64, ptr %j, align 8, !tbaa !12
  %conv = trunc i64 %2 to i32
  %3 = load ptr, ptr %row.addr, align 8, !tbaa !14
  %4 = load i64, ptr %j, align 8, !tbaa !12
  %arrayidx = getelementptr inbounds nuw i32, ptr %3, i64 %4
  store i32 %conv, ptr %arrayidx, align 4, !tbaa !5
  br label %for.inc

for.inc:                                          ; preds = %for.body
  %5 = load i64, ptr %j, align 8, !tbaa !12
  %inc = add i64 %5, 1
  store i64 %inc, ptr %j, align 8, !tbaa !12
  br label %for.cond, !llvm.loop !16

for.end:                                          ; preds = %for.cond.cleanup
  call void @llvm.lifetime.start.p0(ptr %i) #2
  store i64 0, ptr %i, align 8, !tbaa !12
  br label %for.cond1

for.cond1:                                        ; preds = %for.inc32, %for.end
  %6 = load i64, ptr %i, align 8, !tbaa !12
  %7 = load i64, ptr %na.addr, align 8, !tbaa !12
  %cmp2 = icmp ult i64 %6, %7
  br i1 %cmp2, label %for.body5, label %for.cond.cleanup4

for.cond.cleanup4:                                ; preds = %for.cond1
  store i32 5, ptr %cleanup.dest.slot, align 4
  call void @llvm.lifetime.end.p0(ptr %i) #2
  br label %for.end34

for.body5:                                        ; preds = %for.cond1
  call void @llvm.lifetime.start.p0(ptr %diagonal) #2
  %8 = load ptr, ptr %row.addr, align 8, !tbaa !14
  %arrayidx6 = getelementptr inbounds i32, ptr %8, i64 0
  %9 = load i32, ptr %arrayidx6, align 4, !tbaa !5
  store i32 %9, ptr %diagonal, align 4, !tbaa !5
  %10 = load i64, ptr %i, align 8, !tbaa !12
  %conv7 = trunc i64 %10 to i32
  %add = add i32 %conv7, 1
  %11 = load ptr, ptr %row.addr, align 8, !tbaa !14
  %arrayidx8 = getelementptr inbounds i32, ptr %11, i64 0
  store i32 %add, ptr %arrayidx8, align 4, !tbaa !5
  call void @llvm.lifetime.start.p0(ptr %j9) #2
  store i64 0, ptr %j9, align 8, !tbaa !12
  br label %for.cond10

for.cond10:                                       ; preds = %for.inc29, %for.body5
  %12 = load i64, ptr %j9, align 8, !tbaa !12
  %13 = load i64, ptr %nb.addr, align 8, !tbaa !12
  %cmp11 = icmp ult i64 %12, %13
  br i1 %cmp11, label %for.body14, label %for.cond.cleanup13

for.cond.cleanup13:                               ; preds = %for.cond10
  store i32 8, ptr %cleanup.dest.slot, align 4
  call void @llvm.lifetime.end.p0(ptr %j9) #2
  br label %for.end31

for.body14:                                       ; preds = %for.cond10
  call void @llvm.lifetime.start.p0(ptr %replaced) #2
  %14 = load i32, ptr %diagonal, align 4, !tbaa !5
  %15 = load ptr, ptr %a.addr, align 8, !tbaa !9
  %16 = load i64, ptr %i, align 8, !tbaa !12
  %arrayidx15 = getelementptr inbounds nuw i8, ptr %15, i64 %16
  %17 = load i8, ptr %arrayidx15, align 1, !tbaa !18
  %conv16 = zext i8 %17 to i32
  %18 = load ptr, ptr %b.addr, align 8, !tbaa !9
  %19 = load i64, ptr %j9, align 8, !tbaa !12
  %arrayidx17 = getelementptr inbounds nuw i8, ptr %18, i64 %19
  %20 = load i8, ptr %arrayidx17, align 1, !tbaa !18
  %conv18 = zext i8 %20 to i32
  %cmp19 = icmp ne i32 %conv16, %conv18
  %conv20 = zext i1 %cmp19 to i32
  %add21 = add i32 %14, %conv20
  store i32 %add21, ptr %replaced, align 4, !tbaa !5
  %21 = load ptr, ptr %row.addr, align 8, !tbaa !14
  %22 = load i64, ptr %j9, align 8, !tbaa !12
  %add22 = add i64 %22, 1
  %arrayidx23 = getelementptr inbounds nuw i32, ptr %21, i64 %add22
  %23 = load i32, ptr %arrayidx23, align 4, !tbaa !5
  store i32 %23, ptr %diagonal, align 4, !tbaa !5
  %24 = load i32, ptr %replaced, align 4, !tbaa !5
  %25 = load i32, ptr %diagonal, align 4, !tbaa !5
  %26 = load ptr, ptr %row.addr, align 8, !tbaa !14
  %27 = load i64, ptr %j9, align 8, !tbaa !12
  %arrayidx24 = getelementptr inbounds nuw i32, ptr %26, i64 %27
  %28 = load i32, ptr %arrayidx24, align 4, !tbaa !5
  %call = call i32 @smaller(i32 noundef %25, i32 noundef %28)
  %add25 = add i32 %call, 1
  %call26 = call i32 @smaller(i32 noundef %24, i32 noundef %add25)
  %29 = load ptr, ptr %row.addr, align 8, !tbaa !14
  %30 = load i64, ptr %j9, align 8, !tbaa !12
  %add27 = add i64 %30, 1
  %arrayidx28 = getelementptr inbounds nuw i32, ptr %29, i64 %add27
  store i32 %call26, ptr %arrayidx28, align 4, !tbaa !5
  call void @llvm.lifetime.end.p0(ptr %replaced) #2
  br label %for.inc29

for.inc29:                                        ; preds = %for.body14
  %31 = load i64, ptr %j9, align 8, !tbaa !12
  %inc30 = add i64 %31, 1
  store i64 %inc30, ptr %j9, align 8, !tbaa !12
  br label %for.cond10, !llvm.loop !19

for.end31:                                        ; preds = %for.cond.cleanup13
  call void @llvm.lifetime.end.p0(ptr %diagonal) #2
  br label %for.inc32

for.inc32:                                        ; preds = %for.end31
  %32 = load i64, ptr %i, align 8, !tbaa !12
  %inc33 = add i64 %32, 1
  store i64 %inc33, ptr %i, align 8, !tbaa !12
  br label %for.cond1, !llvm.loop !20

for.end34:                                        ; preds = %for.cond.cleanup4
  %33 = load ptr, ptr %row.addr, align 8, !tbaa !14
  %34 = load i64, ptr %nb.addr, align 8, !tbaa !12
  %arrayidx35 = getelementptr inbounds nuw i32, ptr %33, i64 %34
  %35 = load i32, ptr %arrayidx35, align 4, !tbaa !5
  ret i32 %35
}

; Function Attrs: nocallback nofree nosync nounwind willreturn memory(argmem: readwrite)
declare void @llvm.lifetime.start.p0(ptr captures(none)) #1

; Function Attrs: nocallback nofree nosync nounwind willreturn memory(argmem: readwrite)
declare void @llvm.lifetime.end.p0(ptr captures(none)) #1

; Function Attrs: nounwind uwtable
define internal i32 @smaller(i32 noundef %x, i32 noundef %y) #0 {
entry:
  %x.addr = alloca i32, align 4
  %y.addr = alloca i32, align 4
  store i32 %x, ptr %x.addr, align 4, !tbaa !5
  store i32 %y, ptr %y.addr, align 4, !tbaa !5
  %0 = load i32, ptr %x.addr, align 4, !tbaa !5
  %1 = load i32, ptr %y.addr, align 4, !tbaa !5
  %cmp = icmp ult i32 %0, %1
  br i1 %cmp, label %cond.true, label %cond.false

cond.true:                                        ; preds = %entry
  %2 = load i32, ptr %x.addr, align 4, !tbaa !5
  br label %cond.end

cond.false:                                       ; preds = %entry
  %3 = load i32, ptr %y.addr, align 4, !tbaa !5
  br label %cond.end

cond.end:                                         ; preds = %cond.false, %cond.true
  %cond = phi i32 [ %2, %cond.true ], [ %3, %cond.false ]
  ret i32 %cond
}

attributes #0 = { nounwind uwtable "min-legal-vector-width"="0" "no-trapping-math"="true" "stack-protector-buffer-size"="8" "target-cpu"="x86-64-v2" "target-features"="+cmov,+crc32,+cx16,+cx8,+fxsr,+mmx,+popcnt,+sahf,+sse,+sse2,+sse3,+sse4.1,+sse4.2,+ssse3,+x87" }
attributes #1 = { nocallback nofree nosync nounwind willreturn memory(argmem: readwrite) }
attributes #2 = { nounwind }

!llvm.module.flags = !{!0, !1, !2, !3}
!llvm.ident = !{!4}
!llvm.errno.tbaa = !{!5}

!0 = !{i32 1, !"wchar_size", i32 4}
!1 = !{i32 8, !"PIC Level", i32 2}
!2 = !{i32 7, !"PIE Level", i32 2}
!3 = !{i32 7, !"uwtable", i32 2}
!4 = !{!"clang version 22.1.8"}
!5 = !{!6, !6, i64 0}
!6 = !{!"int", !7, i64 0}
!7 = !{!"omnipotent char", !8, i64 0}
!8 = !{!"Simple C/C++ TBAA"}
!9 = !{!10, !10, i64 0}
!10 = !{!"p1 omnipotent char", !11, i64 0}
!11 = !{!"any pointer", !7, i64 0}
!12 = !{!13, !13, i64 0}
!13 = !{!"long", !7, i64 0}
!14 = !{!15, !15, i64 0}
!15 = !{!"p1 int", !11, i64 0}
!16 = distinct !{!16, !17}
!17 = !{!"llvm.loop.mustprogress"}
!18 = !{!7, !7, i64 0}
!19 = distinct !{!19, !17}
!20 = distinct !{!20, !17}
