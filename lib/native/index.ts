/** The library's own C++, loaded into this process, and what must happen before TensorFlow is. */
import "./prepare";

export {
  type NativeCall,
  type NativeInference,
  type NativeOutput,
  type NativeSession,
  nativeModule,
} from "./module";
export {
  isaLimit,
  processorFeatures,
  type VectorKernels,
  vectorKernels,
} from "./processor";
