// TensorFlow graphs run off the main thread.
//
// tfjs-node's own runSavedModel blocks JavaScript while a graph runs. This file does the same through
// TensorFlow's C API on libuv's thread pool: JavaScript gets a promise, and progress, the stop button and
// other cells stay alive. Feeds are copied off the main thread; results are handed over without a copy.
//
//   createSession(graphDef, parallel, largest, target, config) -> Promise<session>
//       graphDef: read until the promise settles
//       parallel: 2 nodes and what they do, 1 what a node does, 0 nothing
//       largest:  bytes that an ArrayBuffer may have; what a graph gives beyond is an error
//       target:   "" for this process alone, or that of a server (server.cc), whose errors begin with "[code] "
//       config:   a serialised ConfigProto, of a server or of several devices; with one, `parallel` is 2
//   prepareCall(session, feeds, fetches, targets) -> call
//       feeds:   [[name, dtype, shape], …]     the shape's first size may be -1: as many as the data give
//   run(call, values) -> Promise<outputs>
//       values:  for each feed an ArrayBufferView, or string[] for dtype string
//       outputs: [[dtype, shape, ArrayBuffer], …]
//   runEach(call, [values, …]) -> Promise<[[outputs, …], problem]>
//       one run after another, in one trip to a thread; ends at the first that fails, whose problem is a text
//   release(buffer)                                frees a result at once, instead of when it is collected
//   closeSession(session)                          frees graph, variables and threads once no run needs them
//   abortSession(session)                          ends the runs under way with an error; it can't run any more

#include <malloc.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "napi_values.h"
#include "node_api.h"
#include "recording.h"
#include "tensorflow/c/c_api.h"
#include "tensorflow/c/tf_tstring.h"

// tensorflow/core/common_runtime/local_device.h, which declares it private: whether the devices of a new session share
// the process' threads. Their number was settled by the first session.
namespace tensorflow {
class LocalDevice {
 public:
  static bool use_global_threadpool_;
};
}  // namespace tensorflow

namespace {

// Small results are copied, so that a loss per step does not become an external buffer per step.
constexpr size_t kCopyBelowBytes = 4096;

struct Session {
  TF_Graph* graph = nullptr;
  TF_Session* session = nullptr;
  TF_Buffer* run_options = nullptr;
  double largest = 0;
  bool is_served = false;  // by a server, with others

  ~Session() {
    TF_Status* status = TF_NewStatus();
    if (session != nullptr) {
      TF_CloseSession(session, status);
      TF_DeleteSession(session, status);
    }
    if (graph != nullptr) TF_DeleteGraph(graph);
    if (run_options != nullptr) TF_DeleteBuffer(run_options);
    TF_DeleteStatus(status);
    malloc_trim(0);  // a graph is thousands of pieces: what they leave is no use to the next one, pages at a time
  }
};

// What JavaScript holds; runs in flight keep the Session itself alive.
struct SessionHandle {
  std::shared_ptr<Session> session;
  int64_t told = 0;  // bytes that the collector knows of
};

// What a placeholder takes.
struct Feed {
  std::string name;
  TF_DataType dtype = TF_FLOAT;
  std::vector<int64_t> shape;
  int64_t known_elements = 1;  // but for a first size of -1
};

// A part of the graph that is run again and again, its names looked up once. The session may be closed before.
struct Call {
  std::weak_ptr<Session> session;
  std::vector<Feed> feeds;
  std::vector<TF_Output> inputs, fetches;
  std::vector<const TF_Operation*> targets;
};

// What is fed to one run.
struct Value {
  int64_t first_size = 0;
  void* data = nullptr;
  size_t bytes = 0;
  napi_ref owner = nullptr;          // keeps `data` alive until it is copied
  std::vector<std::string> strings;  // instead of data, for TF_STRING
};

struct Run {
  std::vector<Value> values;
  std::vector<TF_Tensor*> outputs;
};

// Runs of one call, one after another.
struct Runs {
  std::shared_ptr<Session> session;
  std::shared_ptr<const Call> call;
  std::vector<Run> runs;
  size_t done = 0;
  std::string error;     // of the run after those that are done
  bool is_list = false;  // whether JavaScript asked for several
  napi_deferred deferred = nullptr;
  napi_async_work work = nullptr;
};

// "name:index" -> an output of the graph; false when there is none.
bool FindOutput(TF_Graph* graph, const std::string& name, TF_Output* output) {
  const size_t colon = name.rfind(':');
  const std::string operation = colon == std::string::npos ? name : name.substr(0, colon);
  output->oper = TF_GraphOperationByName(graph, operation.c_str());
  output->index = colon == std::string::npos ? 0 : std::atoi(name.c_str() + colon + 1);
  return output->oper != nullptr && output->index >= 0 && output->index < TF_OperationNumOutputs(output->oper);
}

// Null where there is no memory.
TF_Tensor* MakeTensor(const Feed& feed, const Value& value) {
  std::vector<int64_t> shape = feed.shape;
  if (!shape.empty() && shape[0] < 0) shape[0] = value.first_size;
  const int rank = static_cast<int>(shape.size());
  if (feed.dtype != TF_STRING) {
    // A copy, since TensorFlow may keep the tensor: a variable adopts the buffer that is assigned to it.
    TF_Tensor* tensor = TF_AllocateTensor(feed.dtype, shape.data(), rank, value.bytes);
    if (tensor == nullptr || value.bytes == 0) return tensor;
    if (TF_TensorData(tensor) == nullptr) {
      TF_DeleteTensor(tensor);
      return nullptr;
    }
    std::memcpy(TF_TensorData(tensor), value.data, value.bytes);
    return tensor;
  }
  TF_Tensor* tensor = TF_AllocateTensor(TF_STRING, shape.data(), rank, value.strings.size() * sizeof(TF_TString));
  if (tensor == nullptr) return nullptr;
  auto* items = static_cast<TF_TString*>(TF_TensorData(tensor));
  for (size_t i = 0; i < value.strings.size(); i++) {
    TF_StringInit(&items[i]);
    TF_StringCopy(&items[i], value.strings[i].data(), value.strings[i].size());
  }
  return tensor;
}

void FreeTensor(const Value& value, TF_Tensor* tensor) {
  if (tensor == nullptr) return;
  if (TF_TensorType(tensor) == TF_STRING) {
    auto* items = static_cast<TF_TString*>(TF_TensorData(tensor));
    for (size_t i = 0; i < value.strings.size(); i++) TF_StringDealloc(&items[i]);
  }
  TF_DeleteTensor(tensor);
}

// Returns an error text, empty when all is well.
std::string Execute(const Session& session, const Call& call, Run* run) {
  std::string error;
  std::vector<TF_Tensor*> values(call.feeds.size());
  for (size_t i = 0; i < values.size(); i++) {
    values[i] = MakeTensor(call.feeds[i], run->values[i]);
    if (values[i] == nullptr) error = call.feeds[i].name + ": there is no memory for the data";
  }
  run->outputs.assign(call.fetches.size(), nullptr);
  if (error.empty()) {
    TF_Status* status = TF_NewStatus();
    Recording recording(session.run_options);
    TF_SessionRun(session.session, recording.Options(), call.inputs.data(), values.data(),
                  static_cast<int>(values.size()), call.fetches.data(), run->outputs.data(),
                  static_cast<int>(run->outputs.size()), call.targets.data(), static_cast<int>(call.targets.size()),
                  recording.Metadata(), status);
    if (TF_GetCode(status) != TF_OK) {
      error = TF_Message(status);
      if (session.is_served) error = "[" + std::to_string(TF_GetCode(status)) + "] " + error;
    }
    TF_DeleteStatus(status);
  }
  // An ArrayBuffer of more would end the process.
  for (const TF_Tensor* output : run->outputs) {
    if (output == nullptr || static_cast<double>(TF_TensorByteSize(output)) <= session.largest) continue;
    error = "a result has " + std::to_string(TF_TensorByteSize(output)) + " bytes, more than an array can hold";
  }
  for (size_t i = 0; i < values.size(); i++) FreeTensor(run->values[i], values[i]);
  return error;
}

void ExecuteRuns(napi_env, void* data) {
  auto* runs = static_cast<Runs*>(data);
  for (Run& run : runs->runs) {
    runs->error = Execute(*runs->session, *runs->call, &run);
    if (!runs->error.empty()) return;
    runs->done++;
  }
}

void FreeOutput(napi_env, void*, void* tensor) { TF_DeleteTensor(static_cast<TF_Tensor*>(tensor)); }

napi_value OutputValue(napi_env env, TF_Tensor* tensor) {
  const TF_DataType dtype = TF_TensorType(tensor);
  const size_t bytes = TF_TensorByteSize(tensor);
  napi_value result, shape, number, buffer = nullptr;
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
    buffer = CopyOf(env, TF_TensorData(tensor), bytes);
    TF_DeleteTensor(tensor);
  }
  napi_create_array_with_length(env, 3, &result);
  napi_create_int32(env, dtype, &number);
  napi_set_element(env, result, 0, number);
  napi_set_element(env, result, 1, shape);
  napi_set_element(env, result, 2, buffer);
  return result;
}

void DropOwners(napi_env env, const Runs& runs) {
  for (const Run& run : runs.runs) {
    for (const Value& value : run.values) {
      if (value.owner != nullptr) napi_delete_reference(env, value.owner);
    }
  }
}

napi_value OutputsValue(napi_env env, const Run& run) {
  napi_value outputs;
  napi_create_array_with_length(env, run.outputs.size(), &outputs);
  for (size_t i = 0; i < run.outputs.size(); i++) {
    napi_set_element(env, outputs, i, OutputValue(env, run.outputs[i]));
  }
  return outputs;
}

void CompleteRuns(napi_env env, napi_status, void* data) {
  std::unique_ptr<Runs> runs(static_cast<Runs*>(data));
  DropOwners(env, *runs);
  napi_delete_async_work(env, runs->work);
  // What a failed run has left, whose results nobody gets.
  for (size_t i = runs->done; i < runs->runs.size(); i++) {
    for (TF_Tensor* output : runs->runs[i].outputs) {
      if (output != nullptr) TF_DeleteTensor(output);
    }
  }
  napi_value problem;
  napi_create_string_utf8(env, runs->error.c_str(), runs->error.size(), &problem);
  if (!runs->is_list) {
    if (runs->error.empty()) {
      napi_resolve_deferred(env, runs->deferred, OutputsValue(env, runs->runs[0]));
      return;
    }
    napi_value error;
    napi_create_error(env, nullptr, problem, &error);
    napi_reject_deferred(env, runs->deferred, error);
    return;
  }
  napi_value result, list;
  napi_create_array_with_length(env, runs->done, &list);
  for (size_t i = 0; i < runs->done; i++) napi_set_element(env, list, i, OutputsValue(env, runs->runs[i]));
  napi_create_array_with_length(env, 2, &result);
  napi_set_element(env, result, 0, list);
  napi_set_element(env, result, 1, problem);
  napi_resolve_deferred(env, runs->deferred, result);
}

// Reads what is fed to a placeholder; returns an error text, empty when all is well.
std::string ReadValue(napi_env env, napi_value given, const Feed& feed, Value* value) {
  size_t elements = 0;
  if (feed.dtype == TF_STRING) {
    value->strings = ReadStrings(env, given);
    elements = value->strings.size();
  } else {
    napi_typedarray_type type;
    size_t length = 0, offset = 0;
    napi_value buffer;
    if (napi_get_typedarray_info(env, given, &type, &length, &value->data, &buffer, &offset) != napi_ok) {
      return feed.name + ": the data must be a typed array";
    }
    const size_t item_bytes = TF_DataTypeSize(feed.dtype);
    if (item_bytes == 0 || ItemBytes(type) == 0) return feed.name + ": arrays of this type can't be fed";
    value->bytes = length * ItemBytes(type);
    elements = value->bytes / item_bytes;
    if (elements * item_bytes != value->bytes) return feed.name + ": the data does not fill the shape";
    napi_create_reference(env, buffer, 1, &value->owner);
  }
  const bool is_open = !feed.shape.empty() && feed.shape[0] < 0;
  const size_t known = static_cast<size_t>(feed.known_elements);
  if (is_open && known > 0) value->first_size = static_cast<int64_t>(elements / known);
  if (elements != known * (is_open ? value->first_size : 1)) {
    return feed.name + (feed.dtype == TF_STRING ? ": wrong number of strings" : ": the data does not fill the shape");
  }
  return "";
}

napi_value Start(napi_env env, napi_callback_info info, bool is_list) {
  size_t count = 2;
  napi_value args[2];
  napi_get_cb_info(env, info, &count, args, nullptr, nullptr);
  std::shared_ptr<Call>* call = nullptr;
  if (napi_get_value_external(env, args[0], reinterpret_cast<void**>(&call)) != napi_ok) {
    return ThrowError(env, "run needs a call that prepareCall made");
  }
  auto runs = std::make_unique<Runs>();
  runs->is_list = is_list;
  runs->call = *call;
  runs->session = runs->call->session.lock();
  if (!runs->session) return ThrowError(env, "the session is closed");
  uint32_t length = 1;
  if (is_list) napi_get_array_length(env, args[1], &length);
  runs->runs.resize(length);
  for (uint32_t i = 0; i < length; i++) {
    const napi_value given = is_list ? Element(env, args[1], i) : args[1];
    std::vector<Value>& values = runs->runs[i].values;
    values.resize(runs->call->feeds.size());
    for (size_t j = 0; j < values.size(); j++) {
      const std::string problem = ReadValue(env, Element(env, given, j), runs->call->feeds[j], &values[j]);
      if (problem.empty()) continue;
      DropOwners(env, *runs);
      return ThrowError(env, problem);
    }
  }
  napi_value promise, name;
  napi_create_promise(env, &runs->deferred, &promise);
  napi_create_string_utf8(env, "convnets.session.run", NAPI_AUTO_LENGTH, &name);
  napi_create_async_work(env, nullptr, name, ExecuteRuns, CompleteRuns, runs.get(), &runs->work);
  napi_queue_async_work(env, runs->work);
  runs.release();
  return promise;
}

napi_value RunCall(napi_env env, napi_callback_info info) { return Start(env, info, false); }

napi_value RunEach(napi_env env, napi_callback_info info) { return Start(env, info, true); }

void FreeCall(napi_env, void* data, void*) { delete static_cast<std::shared_ptr<Call>*>(data); }

napi_value PrepareCall(napi_env env, napi_callback_info info) {
  size_t count = 4;
  napi_value args[4];
  napi_get_cb_info(env, info, &count, args, nullptr, nullptr);
  SessionHandle* handle = nullptr;
  if (napi_get_value_external(env, args[0], reinterpret_cast<void**>(&handle)) != napi_ok || !handle->session) {
    return ThrowError(env, "the session is closed");
  }
  auto call = std::make_shared<Call>();
  call->session = handle->session;
  TF_Graph* graph = handle->session->graph;
  uint32_t feeds = 0;
  napi_get_array_length(env, args[1], &feeds);
  for (uint32_t i = 0; i < feeds; i++) {
    const napi_value entry = Element(env, args[1], i);
    Feed feed;
    feed.name = ReadString(env, Element(env, entry, 0));
    feed.dtype = static_cast<TF_DataType>(ReadInt(env, Element(env, entry, 1)));
    feed.shape = ReadInts(env, Element(env, entry, 2));
    for (size_t axis = 0; axis < feed.shape.size(); axis++) {
      if (axis == 0 && feed.shape[axis] == -1) continue;
      if (feed.shape[axis] < 0 ||
          __builtin_mul_overflow(feed.known_elements, feed.shape[axis], &feed.known_elements)) {
        return ThrowError(env, feed.name + ": no tensor has this shape");
      }
    }
    TF_Output input;
    if (!FindOutput(graph, feed.name, &input)) return ThrowError(env, "the graph has no input " + feed.name);
    call->inputs.push_back(input);
    call->feeds.push_back(std::move(feed));
  }
  for (const std::string& name : ReadStrings(env, args[2])) {
    TF_Output fetch;
    if (!FindOutput(graph, name, &fetch)) return ThrowError(env, "the graph has no output " + name);
    call->fetches.push_back(fetch);
  }
  for (const std::string& name : ReadStrings(env, args[3])) {
    const TF_Operation* target = TF_GraphOperationByName(graph, name.c_str());
    if (target == nullptr) return ThrowError(env, "the graph has no operation " + name);
    call->targets.push_back(target);
  }
  napi_value external;
  napi_create_external(env, new std::shared_ptr<Call>(std::move(call)), FreeCall, nullptr, &external);
  return external;
}

// Tells the collector, which can't see a session, how large it is: it would let those pile up that are only dropped.
void TellSize(napi_env env, SessionHandle* handle, int64_t bytes) {
  int64_t all = 0;
  napi_adjust_external_memory(env, bytes - handle->told, &all);
  handle->told = bytes;
}

// A session that has run takes some 200 KB, and sixty times the bytes of its graph's definition but for large constants.
int64_t SizeOf(size_t graph_bytes) {
  return static_cast<int64_t>((256 << 10) + graph_bytes + std::min<size_t>(64 * graph_bytes, 4 << 20));
}

void FreeHandle(napi_env env, void* data, void*) {
  auto* handle = static_cast<SessionHandle*>(data);
  TellSize(env, handle, 0);
  delete handle;
}

// ConfigProto { intra_op_parallelism_threads: 1 }: what a node does stays in the node's thread.
constexpr unsigned char kNodeInOneThread[] = {0x10, 0x01};
// RunOptions { inter_op_thread_pool: -1 }: nodes run in the thread that asks, one after another.
constexpr unsigned char kNodesInTurn[] = {0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01};

// A session while it is made.
struct Opening {
  std::unique_ptr<SessionHandle> handle;
  void* definition = nullptr;
  size_t bytes = 0;
  int32_t parallel = 0;
  std::string target, config;
  napi_ref owner = nullptr;  // keeps `definition` alive until it is copied
  std::string error;
  napi_deferred deferred = nullptr;
  napi_async_work work = nullptr;
};

// One session at a time is made of what `use_global_threadpool_` says.
std::mutex making_session;

void MakeSession(napi_env, void* data) {
  auto* opening = static_cast<Opening*>(data);
  Session* session = opening->handle->session.get();
  TF_Status* status = TF_NewStatus();
  session->graph = TF_NewGraph();
  TF_Buffer* definition = TF_NewBufferFromString(opening->definition, opening->bytes);
  TF_ImportGraphDefOptions* import_options = TF_NewImportGraphDefOptions();
  TF_GraphImportGraphDef(session->graph, definition, import_options, status);
  TF_DeleteImportGraphDefOptions(import_options);
  TF_DeleteBuffer(definition);
  if (TF_GetCode(status) == TF_OK) {
    TF_SessionOptions* options = TF_NewSessionOptions();
    if (!opening->target.empty()) {
      session->is_served = true;
      TF_SetTarget(options, opening->target.c_str());
    }
    if (!opening->config.empty()) {
      TF_SetConfig(options, opening->config.data(), opening->config.size(), status);
    }
    if (opening->parallel < 2) session->run_options = TF_NewBufferFromString(kNodesInTurn, sizeof(kNodesInTurn));
    if (opening->parallel < 1) TF_SetConfig(options, kNodeInOneThread, sizeof(kNodeInOneThread), status);
    if (TF_GetCode(status) == TF_OK) {
      const std::lock_guard<std::mutex> lock(making_session);
      tensorflow::LocalDevice::use_global_threadpool_ = opening->parallel > 0;
      session->session = TF_NewSession(session->graph, options, status);
      tensorflow::LocalDevice::use_global_threadpool_ = true;
    }
    TF_DeleteSessionOptions(options);
  }
  if (TF_GetCode(status) != TF_OK) opening->error = TF_Message(status);
  TF_DeleteStatus(status);
}

void CompleteSession(napi_env env, napi_status, void* data) {
  std::unique_ptr<Opening> opening(static_cast<Opening*>(data));
  napi_delete_reference(env, opening->owner);
  napi_delete_async_work(env, opening->work);
  if (!opening->error.empty()) {
    napi_value problem = nullptr, error = nullptr;
    napi_create_string_utf8(env, opening->error.c_str(), opening->error.size(), &problem);
    napi_create_error(env, nullptr, problem, &error);
    napi_reject_deferred(env, opening->deferred, error);
    return;
  }
  napi_value external;
  SessionHandle* handle = opening->handle.get();
  // It fails in a worker thread that is being ended, to whom nobody listens.
  if (napi_create_external(env, handle, FreeHandle, nullptr, &external) != napi_ok) return;
  opening->handle.release();
  TellSize(env, handle, SizeOf(opening->bytes));
  napi_resolve_deferred(env, opening->deferred, external);
}

napi_value CreateSession(napi_env env, napi_callback_info info) {
  size_t count = 5;
  napi_value args[5];
  napi_get_cb_info(env, info, &count, args, nullptr, nullptr);
  auto opening = std::make_unique<Opening>();
  opening->handle = std::make_unique<SessionHandle>();
  opening->handle->session = std::make_shared<Session>();
  napi_typedarray_type type;
  size_t offset;
  napi_value buffer;
  if (napi_get_typedarray_info(env, args[0], &type, &opening->bytes, &opening->definition, &buffer, &offset) !=
          napi_ok ||
      napi_get_value_int32(env, args[1], &opening->parallel) != napi_ok ||
      napi_get_value_double(env, args[2], &opening->handle->session->largest) != napi_ok) {
    return ThrowError(env, "createSession needs the graph as Uint8Array, what is parallel, and the largest result");
  }
  if (count > 4) {
    opening->target = ReadString(env, args[3]);
    opening->config = ReadBytes(env, args[4]);
  }
  napi_create_reference(env, buffer, 1, &opening->owner);
  napi_value promise, name;
  napi_create_promise(env, &opening->deferred, &promise);
  napi_create_string_utf8(env, "convnets.session.create", NAPI_AUTO_LENGTH, &name);
  napi_create_async_work(env, nullptr, name, MakeSession, CompleteSession, opening.get(), &opening->work);
  napi_queue_async_work(env, opening->work);
  opening.release();
  return promise;
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
    TellSize(env, handle, 0);
  }
  return nullptr;
}

// A run that is ended from outside.
struct Abortion {
  std::shared_ptr<Session> session;
  napi_async_work work = nullptr;
};

void Abort(napi_env, void* data) {
  TF_Status* status = TF_NewStatus();
  TF_CloseSession(static_cast<Abortion*>(data)->session->session, status);
  TF_DeleteStatus(status);
}

void CompleteAbortion(napi_env env, napi_status, void* data) {
  std::unique_ptr<Abortion> abortion(static_cast<Abortion*>(data));
  napi_delete_async_work(env, abortion->work);
}

napi_value AbortSession(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value args[1];
  napi_get_cb_info(env, info, &count, args, nullptr, nullptr);
  SessionHandle* handle = nullptr;
  if (napi_get_value_external(env, args[0], reinterpret_cast<void**>(&handle)) != napi_ok || !handle->session) {
    return nullptr;
  }
  auto abortion = std::make_unique<Abortion>();
  abortion->session = handle->session;
  napi_value name;
  napi_create_string_utf8(env, "convnets.session.abort", NAPI_AUTO_LENGTH, &name);
  napi_create_async_work(env, nullptr, name, Abort, CompleteAbortion, abortion.get(), &abortion->work);
  napi_queue_async_work(env, abortion->work);
  abortion.release();
  return nullptr;
}

}  // namespace

void RegisterSession(napi_env env, napi_value exports) {
  AddFunction(env, exports, "createSession", CreateSession);
  AddFunction(env, exports, "prepareCall", PrepareCall);
  AddFunction(env, exports, "run", RunCall);
  AddFunction(env, exports, "runEach", RunEach);
  AddFunction(env, exports, "closeSession", CloseSession);
  AddFunction(env, exports, "abortSession", AbortSession);
  AddFunction(env, exports, "release", Release);
}
