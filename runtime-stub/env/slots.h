// The slots of Env: one line for each value that native code keeps and that a snapshot
// must carry. Add a line at the end of its group; the order is part of the snapshot.
#pragma once

namespace kiln::runtime {

// clang-format off
#define KILN_SLOTS(V) \
  /* realm */ \
  V(Process) V(Primordials) V(InternalBinding) V(Require) V(GetInternalBinding) \
  V(PerContextExports) V(PrivateSymbols) V(PerIsolateSymbols) V(BindingCache) V(Templates) \
  V(AppFunction) V(AppExports) \
  /* callbacks that JavaScript registers (docs/node-library.md) */ \
  V(PrepareStackTrace) V(EnhanceStackBefore) V(EnhanceStackAfter) V(MaybeCacheSourceMap) \
  V(GetSourceMapErrorSource) V(EmitWarningSync) V(TickCallback) V(PromiseReject) \
  V(ProcessImmediate) V(ProcessTimers) V(AsyncHookInit) V(AsyncHookBefore) V(AsyncHookAfter) \
  V(AsyncHookDestroy) V(AsyncHookPromiseResolve) V(CallbackTrampoline) V(PromiseHookInit) \
  V(PromiseHookBefore) V(PromiseHookAfter) V(PromiseHookSettled) V(BufferPrototype) \
  V(ImportModuleDynamically) V(InitializeImportMeta) V(DeserializerCreateObject) \
  V(EmitMessage) V(DomException) V(TraceCategoryHandler) V(PerformanceObservers) \
  V(WasmStreaming) V(SnapshotSerialize) V(SnapshotDeserialize) V(SnapshotMain) \
  V(InspectorEnable) V(InspectorDisable) V(ConsoleExtension) V(LazyPathHelpers) \
  V(CoverageDirectory) V(SourceMapCacheGetter) \
  /* arrays (docs/node-library.md) */ \
  V(AsyncHookFields) V(AsyncIdFields) V(AsyncIdsStack) V(ExecutionAsyncResources) V(TickInfo) \
  V(ImmediateInfo) V(TimeoutInfo) V(ExitInfo) V(StreamBaseState) V(AbortToggle) \
  V(HrtimeBuffer) V(Milestones) V(ObserverCounts) V(StatValues) V(BigintStatValues) \
  V(StatFsValues) V(BigintStatFsValues) V(UrlComponents) V(EncodeIntoResults) \
  V(BuildingSnapshot) V(ChannelSubscribers) V(HeapStatistics) V(HeapCodeStatistics) \
  V(HeapSpaceStatistics) V(TraceCategoryBuffer) V(ChannelNames) \
  /* bindings: add below, one line a binding */ \
  V(FsUsePromises) V(ModuleWrapState) V(ContextifyState) V(MessagingState) V(UtilState) \
  V(CryptoKeyClasses) V(Http2Shared)
// clang-format on

enum class Slot : int {
#define V(name) k##name,
  KILN_SLOTS(V)
#undef V
      kCount
};

}  // namespace kiln::runtime
