; ModuleID = 'kernel.c'
source_filename = "kernel.c"
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i8:8:32-i16:16:32-i64:64-i128:128-n32:64-S128-Fn32"
target triple = "aarch64-unknown-linux-musl"

; Function Attrs: nofree norecurse nosync nounwind memory(argmem: readwrite) uwtable
define dso_local void @hist_skew(ptr noundef readonly captures(none) %data, i64 noundef %n, ptr noundef captures(none) initializes((0, 1024)) %counts) local_unnamed_addr #0 {
entry:
  tail call void @llvm.memset.p0.i64(ptr noundef nonnull align 4 dereferenceable(1024) %counts, i8 0, i64 1024, i1 false), !tbaa !6
  %cmp217.not = icmp eq i64 %n, 0
  br i1 %cmp217.not, label %for.cond.cleanup3, label %for.body4

for.cond.cleanup3:                                ; preds = %for.body4, %entry
  ret void

for.body4:                                        ; preds = %entry, %for.body4
  %i.018 = phi i64 [ %inc9, %for.body4 ], [ 0, %entry ]
  %arrayidx5 = getelementptr inbounds nuw i8, ptr %data, i64 %i.018
  %0 = load i8, ptr %arrayidx5, align 1, !tbaa !10
  %idxprom = zext i8 %0 to i64
  %arrayidx6 = getelementptr inbounds nuw i32, ptr %counts, i64 %idxprom
  %1 = load i32, ptr %arrayidx6, align 4, !tbaa !6
  %inc7 = add i32 %1, 1
  store i32 %inc7, ptr %arrayidx6, align 4, !tbaa !6
  %inc9 = add nuw i64 %i.018, 1
  %exitcond.not = icmp eq i64 %inc9, %n
  br i1 %exitcond.not, label %for.cond.cleanup3, label %for.body4, !llvm.loop !11
}

; Function Attrs: nocallback nofree nounwind willreturn memory(argmem: write)
declare void @llvm.memset.p0.i64(ptr writeonly captures(none), i8, i64, i1 immarg) #1

attributes #0 = { nofree norecurse nosync nounwind memory(argmem: readwrite) uwtable "frame-pointer"="non-leaf-no-reserve" "no-trapping-math"="true" "stack-protector-buffer-size"="8" "target-cpu"="generic" "target-features"="+fp-armv8,+neon,+v8a,-fmv" }
attributes #1 = { nocallback nofree nounwind willreturn memory(argmem: write) }

!llvm.module.flags = !{!0, !1, !2, !3, !4}
!llvm.ident = !{!5}
!llvm.errno.tbaa = !{!6}

!0 = !{i32 1, !"wchar_size", i32 4}
!1 = !{i32 8, !"PIC Level", i32 2}
!2 = !{i32 7, !"PIE Level", i32 2}
!3 = !{i32 7, !"uwtable", i32 2}
!4 = !{i32 7, !"frame-pointer", i32 4}
!5 = !{!"clang version 22.1.8"}
!6 = !{!7, !7, i64 0}
!7 = !{!"int", !8, i64 0}
!8 = !{!"omnipotent char", !9, i64 0}
!9 = !{!"Simple C/C++ TBAA"}
!10 = !{!8, !8, i64 0}
!11 = distinct !{!11, !12}
!12 = !{!"llvm.loop.mustprogress"}
