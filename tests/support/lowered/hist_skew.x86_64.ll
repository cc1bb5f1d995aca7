; ModuleID = 'kernel.c'
source_filename = "kernel.c"
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-unknown-linux-musl"

; Function Attrs: nofree norecurse nosync nounwind memory(argmem: readwrite) uwtable
define dso_local void @hist_skew(ptr noundef readonly captures(none) %data, i64 noundef %n, ptr noundef captures(none) initializes((0, 1024)) %counts) local_unnamed_addr #0 {
entry:
  tail call void @llvm.memset.p0.i64(ptr noundef nonnull align 4 dereferenceable(1024) %counts, i8 0, i64 1024, i1 false), !tbaa !5
  %cmp217.not = icmp eq i64 %n, 0
  br i1 %cmp217.not, label %for.cond.cleanup3, label %for.body4.preheader

for.body4.preheader:                              ; preds = %entry
  %xtraiter = and i64 %n, 3
  %0 = icmp ult i64 %n, 4
  br i1 %0, label %for.body4.epil.preheader, label %for.body4.preheader.new

for.body4.preheader.new:                          ; preds = %for.body4.preheader
  %unroll_iter = and i64 %n, -4
  br label %for.body4

for.cond.cleanup3.loopexit.unr-lcssa:             ; preds = %for.body4
  %lcmp.mod.not = icmp eq i64 %xtraiter, 0
  br i1 %lcmp.mod.not, label %for.cond.cleanup3, label %for.body4.epil.preheader

for.body4.epil.preheader:                         ; preds = %for.cond.cleanup3.loopexit.unr-lcssa, %for.body4.preheader
  %i.018.epil.init = phi i64 [ 0, %for.body4.preheader ], [ %inc9.3, %for.cond.cleanup3.loopexit.unr-lcssa ]
  %lcmp.mod19 = icmp ne i64 %xtraiter, 0
  tail call void @llvm.assume(i1 %lcmp.mod19)
  br label %for.body4.epil

for.body4.epil:                                   ; preds = %for.body4.epil, %for.body4.epil.preheader
  %i.018.epil = phi i64 [ %inc9.epil, %for.body4.epil ], [ %i.018.epil.init, %for.body4.epil.preheader ]
  %epil.iter = phi i64 [ %epil.iter.next, %for.body4.epil ], [ 0, %for.body4.epil.preheader ]
  %arrayidx5.epil = getelementptr inbounds nuw i8, ptr %data, i64 %i.018.epil
  %1 = load i8, ptr %arrayidx5.epil, align 1, !tbaa !9
  %idxprom.epil = zext i8 %1 to i64
  %arrayidx6.epil = getelementptr inbounds nuw i32, ptr %counts, i64 %idxprom.epil
  %2 = load i32, ptr %arrayidx6.epil, align 4, !tbaa !5
  %inc7.epil = add i32 %2, 1
  store i32 %inc7.epil, ptr %arrayidx6.epil, align 4, !tbaa !5
  %inc9.epil = add nuw i64 %i.018.epil, 1
  %epil.iter.next = add i64 %epil.iter, 1
  %epil.iter.cmp.not = icmp eq i64 %epil.iter.next, %xtraiter
  br i1 %epil.iter.cmp.not, label %for.cond.cleanup3, label %for.body4.epil, !llvm.loop !10

for.cond.cleanup3:                                ; preds = %for.cond.cleanup3.loopexit.unr-lcssa, %for.body4.epil, %entry
  ret void

for.body4:                                        ; preds = %for.body4, %for.body4.preheader.new
  %i.018 = phi i64 [ 0, %for.body4.preheader.new ], [ %inc9.3, %for.body4 ]
  %niter = phi i64 [ 0, %for.body4.preheader.new ], [ %niter.next.3, %for.body4 ]
  %arrayidx5 = getelementptr inbounds nuw i8, ptr %data, i64 %i.018
  %3 = load i8, ptr %arrayidx5, align 1, !tbaa !9
  %idxprom = zext i8 %3 to i64
  %arrayidx6 = getelementptr inbounds nuw i32, ptr %counts, i64 %idxprom
  %4 = load i32, ptr %arrayidx6, align 4, !tbaa !5
  %inc7 = add i32 %4, 1
  store i32 %inc7, ptr %arrayidx6, align 4, !tbaa !5
  %5 = getelementptr inbounds nuw i8, ptr %data, i64 %i.018
  %arrayidx5.1 = getelementptr inbounds nuw i8, ptr %5, i64 1
  %6 = load i8, ptr %arrayidx5.1, align 1, !tbaa !9
  %idxprom.1 = zext i8 %6 to i64
  %arrayidx6.1 = getelementptr inbounds nuw i32, ptr %counts, i64 %idxprom.1
  %7 = load i32, ptr %arrayidx6.1, align 4, !tbaa !5
  %inc7.1 = add i32 %7, 1
  store i32 %inc7.1, ptr %arrayidx6.1, align 4, !tbaa !5
  %8 = getelementptr inbounds nuw i8, ptr %data, i64 %i.018
  %arrayidx5.2 = getelementptr inbounds nuw i8, ptr %8, i64 2
  %9 = load i8, ptr %arrayidx5.2, align 1, !tbaa !9
  %idxprom.2 = zext i8 %9 to i64
  %arrayidx6.2 = getelementptr inbounds nuw i32, ptr %counts, i64 %idxprom.2
  %10 = load i32, ptr %arrayidx6.2, align 4, !tbaa !5
  %inc7.2 = add i32 %10, 1
  store i32 %inc7.2, ptr %arrayidx6.2, align 4, !tbaa !5
  %11 = getelementptr inbounds nuw i8, ptr %data, i64 %i.018
  %arrayidx5.3 = getelementptr inbounds nuw i8, ptr %11, i64 3
  %12 = load i8, ptr %arrayidx5.3, align 1, !tbaa !9
  %idxprom.3 = zext i8 %12 to i64
  %arrayidx6.3 = getelementptr inbounds nuw i32, ptr %counts, i64 %idxprom.3
  %13 = load i32, ptr %arrayidx6.3, align 4, !tbaa !5
  %inc7.3 = add i32 %13, 1
  store i32 %inc7.3, ptr %arrayidx6.3, align 4, !tbaa !5
  %inc9.3 = add nuw i64 %i.018, 4
  %niter.next.3 = add i64 %niter, 4
  %niter.ncmp.3 = icmp eq i64 %niter.next.3, %unroll_iter
  br i1 %niter.ncmp.3, label %for.cond.cleanup3.loopexit.unr-lcssa, label %for.body4, !llvm.loop !12
}

; Function Attrs: nocallback nofree nounwind willreturn memory(argmem: write)
declare void @llvm.memset.p0.i64(ptr writeonly captures(none), i8, i64, i1 immarg) #1

; Function Attrs: nocallback nofree nosync nounwind willreturn memory(inaccessiblemem: write)
declare void @llvm.assume(i1 noundef) #2

attributes #0 = { nofree norecurse nosync nounwind memory(argmem: readwrite) uwtable "min-legal-vector-width"="0" "no-trapping-math"="true" "stack-protector-buffer-size"="8" "target-cpu"="x86-64-v2" "target-features"="+cmov,+crc32,+cx16,+cx8,+fxsr,+mmx,+popcnt,+sahf,+sse,+sse2,+sse3,+sse4.1,+sse4.2,+ssse3,+x87" }
attributes #1 = { nocallback nofree nounwind willreturn memory(argmem: write) }
attributes #2 = { nocallback nofree nosync nounwind willreturn memory(inaccessiblemem: write) }

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
!9 = !{!7, !7, i64 0}
!10 = distinct !{!10, !11}
!11 = !{!"llvm.loop.unroll.disable"}
!12 = distinct !{!12, !13}
!13 = !{!"llvm.loop.mustprogress"}
