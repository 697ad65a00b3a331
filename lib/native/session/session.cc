// TensorFlow graphs run off the main thread.
//
// tfjs-node's own runSavedModel blocks JavaScript while a graph runs. This file does the same through
// TensorFlow's C API on libuv's thread pool: JavaScript gets a promise, and progress, the stop button and
// other cells stay alive. Feeds are copied off the main thread; results are handed over without a copy.
//
//   createSession(graphDef, config) -> session   config: a serialised ConfigProto, may be empty
//   run(session, feeds, fetches, targets) -> Promise<outputs>
//       feeds:   [[name, dtype, shape, data], …]  data: ArrayBufferView, or string[] for dtype string
//       outputs: [[dtype, shape, ArrayBuffer], …]
//   release(buffer)                                frees a result at once, instead of when it is collected
//   closeSession(session)                          frees graph, variables and threads once no run needs them

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "napi_values.h"
#include "node_api.h"
#include "tensorflow/c/c_api.h"
#include "tensorflow/c/tf_tstring.h"

namespace {

// Small results are copied, so that a loss per step does not become an external buffer per step.
constexpr size_t kCopyBelowBytes = 4096;

struct Session {
  TF_Graph* graph = nullptr;
  TF_Session* session = nullptr;

  ~Session() {
    TF_Status* status = TF_NewStatus();
    if (session != nullptr) {
      TF_CloseSession(session, status);
      TF_DeleteSession(session, status);
    }
    if (graph != nullptr) TF_DeleteGraph(graph);
    TF_DeleteStatus(status);
  }
};

// What JavaScript holds; runs in flight keep the Session itself alive.
struct SessionHandle {
  std::shared_ptr<Session> session;
};

struct Feed {
  std::string name;
  TF_DataType dtype = TF_FLOAT;
  std::vector<int64_t> shape;
  void* data = nullptr;
  size_t bytes = 0;
  napi_ref owner = nullptr;           // keeps `data` alive until it is copied
  std::vector<std::string> strings;  // instead of data, for TF_STRING
};

struct Run {
  std::shared_ptr<Session> session;
  std::vector<Feed> feeds;
  std::vector<std::string> fetches;
  std::vector<std::string> targets;
  std::vector<TF_Tensor*> outputs;
  std::string error;
  napi_deferred deferred = nullptr;
  napi_async_work work = nullptr;
};

// "name:index" -> an output of the graph; false when there is none.
bool FindOutput(TF_Graph* graph, const std::string& name, TF_Output* output) {
  const size_t colon = name.rfind(':');
  const std::string operation = colon == std::string::npos ? name : name.substr(0, colon);
  output->oper = TF_GraphOperationByName(graph, operation.c_str());
  output->index = colon == std::string::npos ? 0 : std::atoi(name.c_str() + colon + 1);
  return output->oper != nullptr && output->index < TF_OperationNumOutputs(output->oper);
}

TF_Tensor* MakeTensor(const Feed& feed) {
  if (feed.dtype != TF_STRING) {
    // A copy, since TensorFlow may keep the tensor: a variable adopts the buffer that is assigned to it.
    TF_Tensor* tensor =
        TF_AllocateTensor(feed.dtype, feed.shape.data(), static_cast<int>(feed.shape.size()), feed.bytes);
    if (feed.bytes > 0) std::memcpy(TF_TensorData(tensor), feed.data, feed.bytes);
    return tensor;
  }
  TF_Tensor* tensor = TF_AllocateTensor(TF_STRING, feed.shape.data(), static_cast<int>(feed.shape.size()),
                                        feed.strings.size() * sizeof(TF_TString));
  auto* items = static_cast<TF_TString*>(TF_TensorData(tensor));
  for (size_t i = 0; i < feed.strings.size(); i++) {
    TF_StringInit(&items[i]);
    TF_StringCopy(&items[i], feed.strings[i].data(), feed.strings[i].size());
  }
  return tensor;
}

void FreeTensor(const Feed& feed, TF_Tensor* tensor) {
  if (feed.dtype == TF_STRING) {
    auto* items = static_cast<TF_TString*>(TF_TensorData(tensor));
    for (size_t i = 0; i < feed.strings.size(); i++) TF_StringDealloc(&items[i]);
  }
  TF_DeleteTensor(tensor);
}

void ExecuteRun(napi_env, void* data) {
  auto* run = static_cast<Run*>(data);
  TF_Graph* graph = run->session->graph;
  std::vector<TF_Output> inputs(run->feeds.size()), fetches(run->fetches.size());
  std::vector<const TF_Operation*> targets(run->targets.size());
  for (size_t i = 0; i < run->feeds.size(); i++) {
    if (!FindOutput(graph, run->feeds[i].name, &inputs[i])) {
      run->error = "the graph has no input " + run->feeds[i].name;
      return;
    }
  }
  for (size_t i = 0; i < run->fetches.size(); i++) {
    if (!FindOutput(graph, run->fetches[i], &fetches[i])) {
      run->error = "the graph has no output " + run->fetches[i];
      return;
    }
  }
  for (size_t i = 0; i < run->targets.size(); i++) {
    targets[i] = TF_GraphOperationByName(graph, run->targets[i].c_str());
    if (targets[i] == nullptr) {
      run->error = "the graph has no operation " + run->targets[i];
      return;
    }
  }
  std::vector<TF_Tensor*> values(run->feeds.size());
  for (size_t i = 0; i < run->feeds.size(); i++) values[i] = MakeTensor(run->feeds[i]);
  run->outputs.assign(run->fetches.size(), nullptr);
  TF_Status* status = TF_NewStatus();
  TF_SessionRun(run->session->session, nullptr, inputs.data(), values.data(), static_cast<int>(values.size()),
                fetches.data(), run->outputs.data(), static_cast<int>(fetches.size()), targets.data(),
                static_cast<int>(targets.size()), nullptr, status);
  if (TF_GetCode(status) != TF_OK) run->error = TF_Message(status);
  TF_DeleteStatus(status);
  for (size_t i = 0; i < run->feeds.size(); i++) FreeTensor(run->feeds[i], values[i]);
}

void FreeOutput(napi_env, void*, void* tensor) { TF_DeleteTensor(static_cast<TF_Tensor*>(tensor)); }

napi_value OutputValue(napi_env env, TF_Tensor* tensor) {
  const TF_DataType dtype = TF_TensorType(tensor);
  const size_t bytes = TF_TensorByteSize(tensor);
  napi_value result, shape, buffer, number;
  const int rank = TF_NumDims(tensor);
  napi_create_array_with_length(env, rank, &shape);
  for (int i = 0; i < rank; i++) {
    napi_create_int64(env, TF_Dim(tensor, i), &number);
    napi_set_element(env, shape, i, number);
  }
  napi_status made = napi_generic_failure;
  if (bytes >= kCopyBelowBytes) {
    made = napi_create_external_arraybuffer(env, TF_TensorData(tensor), bytes, FreeOutput, tensor, &buffer);
  }
  if (made != napi_ok) {
    void* copy = nullptr;
    napi_create_arraybuffer(env, bytes, &copy, &buffer);
    if (bytes > 0) std::memcpy(copy, TF_TensorData(tensor), bytes);
    TF_DeleteTensor(tensor);
  }
  napi_create_array_with_length(env, 3, &result);
  napi_create_int32(env, dtype, &number);
  napi_set_element(env, result, 0, number);
  napi_set_element(env, result, 1, shape);
  napi_set_element(env, result, 2, buffer);
  return result;
}

void CompleteRun(napi_env env, napi_status, void* data) {
  std::unique_ptr<Run> run(static_cast<Run*>(data));
  for (Feed& feed : run->feeds) {
    if (feed.owner != nullptr) napi_delete_reference(env, feed.owner);
  }
  napi_delete_async_work(env, run->work);
  if (!run->error.empty()) {
    for (TF_Tensor* output : run->outputs) {
      if (output != nullptr) TF_DeleteTensor(output);
    }
    napi_value message, error;
    napi_create_string_utf8(env, run->error.c_str(), run->error.size(), &message);
    napi_create_error(env, nullptr, message, &error);
    napi_reject_deferred(env, run->deferred, error);
    return;
  }
  napi_value outputs;
  napi_create_array_with_length(env, run->outputs.size(), &outputs);
  for (size_t i = 0; i < run->outputs.size(); i++) {
    napi_set_element(env, outputs, i, OutputValue(env, run->outputs[i]));
  }
  napi_resolve_deferred(env, run->deferred, outputs);
}

// Reads one [name, dtype, shape, data]; returns an error text, empty when all is well.
std::string ReadFeed(napi_env env, napi_value entry, Feed* feed) {
  napi_value item;
  napi_get_element(env, entry, 0, &item);
  feed->name = ReadString(env, item);
  int32_t dtype = 0;
  napi_get_element(env, entry, 1, &item);
  napi_get_value_int32(env, item, &dtype);
  feed->dtype = static_cast<TF_DataType>(dtype);
  napi_get_element(env, entry, 2, &item);
  uint32_t rank = 0;
  napi_get_array_length(env, item, &rank);
  int64_t elements = 1;
  for (uint32_t i = 0; i < rank; i++) {
    napi_value dimension;
    int64_t size = 0;
    napi_get_element(env, item, i, &dimension);
    napi_get_value_int64(env, dimension, &size);
    feed->shape.push_back(size);
    elements *= size;
  }
  napi_get_element(env, entry, 3, &item);
  if (feed->dtype == TF_STRING) {
    feed->strings = ReadStrings(env, item);
    if (static_cast<int64_t>(feed->strings.size()) != elements) return feed->name + ": wrong number of strings";
    return "";
  }
  bool is_typed = false;
  napi_is_typedarray(env, item, &is_typed);
  if (!is_typed) return feed->name + ": the data must be a typed array";
  napi_typedarray_type type;
  size_t length = 0;
  napi_value buffer;
  size_t offset = 0;
  napi_get_typedarray_info(env, item, &type, &length, &feed->data, &buffer, &offset);
  feed->bytes = static_cast<size_t>(elements) * TF_DataTypeSize(feed->dtype);
  static const size_t kItemBytes[] = {1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 8};
  if (length * kItemBytes[type] != feed->bytes) return feed->name + ": the data does not fill the shape";
  napi_create_reference(env, buffer, 1, &feed->owner);
  return "";
}

napi_value RunSession(napi_env env, napi_callback_info info) {
  size_t count = 4;
  napi_value args[4];
  napi_get_cb_info(env, info, &count, args, nullptr, nullptr);
  SessionHandle* handle = nullptr;
  if (napi_get_value_external(env, args[0], reinterpret_cast<void**>(&handle)) != napi_ok || !handle->session) {
    return ThrowError(env, "the session is closed");
  }
  auto run = std::make_unique<Run>();
  run->session = handle->session;
  uint32_t feeds = 0;
  napi_get_array_length(env, args[1], &feeds);
  run->feeds.resize(feeds);
  for (uint32_t i = 0; i < feeds; i++) {
    napi_value entry;
    napi_get_element(env, args[1], i, &entry);
    const std::string problem = ReadFeed(env, entry, &run->feeds[i]);
    if (!problem.empty()) {
      for (Feed& feed : run->feeds) {
        if (feed.owner != nullptr) napi_delete_reference(env, feed.owner);
      }
      return ThrowError(env, problem);
    }
  }
  run->fetches = ReadStrings(env, args[2]);
  run->targets = ReadStrings(env, args[3]);
  napi_value promise, name;
  napi_create_promise(env, &run->deferred, &promise);
  napi_create_string_utf8(env, "convnets.session.run", NAPI_AUTO_LENGTH, &name);
  napi_create_async_work(env, nullptr, name, ExecuteRun, CompleteRun, run.get(), &run->work);
  napi_queue_async_work(env, run->work);
  run.release();
  return promise;
}

void FreeHandle(napi_env, void* data, void*) { delete static_cast<SessionHandle*>(data); }

napi_value CreateSession(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value args[2];
  napi_get_cb_info(env, info, &count, args, nullptr, nullptr);
  napi_typedarray_type type;
  size_t graph_bytes = 0, config_bytes = 0, offset;
  void *graph_data = nullptr, *config_data = nullptr;
  napi_value buffer;
  if (napi_get_typedarray_info(env, args[0], &type, &graph_bytes, &graph_data, &buffer, &offset) != napi_ok ||
      napi_get_typedarray_info(env, args[1], &type, &config_bytes, &config_data, &buffer, &offset) != napi_ok) {
    return ThrowError(env, "createSession needs the graph and the configuration as Uint8Array");
  }
  auto handle = std::make_unique<SessionHandle>();
  handle->session = std::make_shared<Session>();
  TF_Status* status = TF_NewStatus();
  TF_Graph* graph = handle->session->graph = TF_NewGraph();
  TF_Buffer* definition = TF_NewBufferFromString(graph_data, graph_bytes);
  TF_ImportGraphDefOptions* import_options = TF_NewImportGraphDefOptions();
  TF_GraphImportGraphDef(graph, definition, import_options, status);
  TF_DeleteImportGraphDefOptions(import_options);
  TF_DeleteBuffer(definition);
  if (TF_GetCode(status) == TF_OK) {
    TF_SessionOptions* options = TF_NewSessionOptions();
    if (config_bytes > 0) TF_SetConfig(options, config_data, config_bytes, status);
    if (TF_GetCode(status) == TF_OK) handle->session->session = TF_NewSession(graph, options, status);
    TF_DeleteSessionOptions(options);
  }
  const std::string problem = TF_GetCode(status) == TF_OK ? "" : TF_Message(status);
  TF_DeleteStatus(status);
  if (!problem.empty()) return ThrowError(env, problem);
  napi_value external;
  napi_create_external(env, handle.release(), FreeHandle, nullptr, &external);
  return external;
}

napi_value Release(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value args[1];
  napi_get_cb_info(env, info, &count, args, nullptr, nullptr);
  if (napi_detach_arraybuffer(env, args[0]) != napi_ok) return ThrowError(env, "release needs an ArrayBuffer");
  return nullptr;
}

napi_value CloseSession(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value args[1];
  napi_get_cb_info(env, info, &count, args, nullptr, nullptr);
  SessionHandle* handle = nullptr;
  if (napi_get_value_external(env, args[0], reinterpret_cast<void**>(&handle)) == napi_ok) {
    handle->session.reset();  // a run in flight holds its own reference
  }
  return nullptr;
}

}  // namespace

void RegisterSession(napi_env env, napi_value exports) {
  AddFunction(env, exports, "createSession", CreateSession);
  AddFunction(env, exports, "run", RunSession);
  AddFunction(env, exports, "closeSession", CloseSession);
  AddFunction(env, exports, "release", Release);
}
