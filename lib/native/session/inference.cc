// Infers the types and shapes that ops give, without running them.
//
// A step is traced op by op: each op is added to a graph that is never run, and TensorFlow's own shape functions
// say what comes out. That costs microseconds and no memory, whatever the sizes.
//
//   createInference() -> inference
//   closeInference(inference)      frees it now; the collector can't see how large it is
//   inferValue(inference, dtype, shape, data | null) -> id    a constant, or an unknown value without data
//   inferOp(inference, op, attrs, inputs) -> [[id, dtype, shape], …]
//       attrs:  [[name, kind, value], …]   kind: "type" "int" "float" "bool" "string" "shape" "ints" "floats"
//       inputs: [id | id[], …]             a list for each list argument; -1 in a shape is unknown

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "napi_values.h"
#include "tensorflow/c/c_api.h"

namespace {

struct Inference {
  TF_Graph* graph = TF_NewGraph();
  TF_Status* status = TF_NewStatus();
  std::vector<TF_Output> values;

  ~Inference() {
    TF_DeleteGraph(graph);
    TF_DeleteStatus(status);
  }

  std::string NewName() const { return "n" + std::to_string(names++); }
  bool Failed() const { return TF_GetCode(status) != TF_OK; }
  std::string Problem() const { return TF_Message(status); }
  int64_t Add(TF_Output output) {
    values.push_back(output);
    return static_cast<int64_t>(values.size()) - 1;
  }

 private:
  mutable int64_t names = 0;
};

using Handle = std::unique_ptr<Inference>;

Handle* ReadHandle(napi_env env, napi_value value) {
  void* handle = nullptr;
  return napi_get_value_external(env, value, &handle) == napi_ok ? static_cast<Handle*>(handle) : nullptr;
}

// Null, with an exception pending, when the inference is closed.
Inference* ReadInference(napi_env env, napi_value value) {
  Handle* handle = ReadHandle(env, value);
  if (handle != nullptr && *handle != nullptr) return handle->get();
  ThrowError(env, "the inference is closed");
  return nullptr;
}

void FreeHandle(napi_env, void* data, void*) { delete static_cast<Handle*>(data); }

napi_value CreateInference(napi_env env, napi_callback_info) {
  napi_value external;
  napi_create_external(env, new Handle(new Inference()), FreeHandle, nullptr, &external);
  return external;
}

napi_value CloseInference(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value args[1];
  napi_get_cb_info(env, info, &count, args, nullptr, nullptr);
  Handle* handle = ReadHandle(env, args[0]);
  if (handle != nullptr) handle->reset();
  return nullptr;
}

napi_value IntValue(napi_env env, int64_t number) {
  napi_value value;
  napi_create_int64(env, number, &value);
  return value;
}

// Bytes of a tensor; false where a size is negative or they can't be counted.
bool CountBytes(const std::vector<int64_t>& shape, TF_DataType dtype, int64_t* bytes) {
  *bytes = static_cast<int64_t>(TF_DataTypeSize(dtype));
  for (const int64_t size : shape) {
    if (size < 0 || __builtin_mul_overflow(*bytes, size, bytes)) return false;
  }
  return true;
}

napi_value InferValue(napi_env env, napi_callback_info info) {
  size_t count = 4;
  napi_value args[4];
  napi_get_cb_info(env, info, &count, args, nullptr, nullptr);
  Inference* inference = ReadInference(env, args[0]);
  if (inference == nullptr) return nullptr;
  const auto dtype = static_cast<TF_DataType>(ReadInt(env, args[1]));
  const std::vector<int64_t> shape = ReadInts(env, args[2]);
  const int rank = static_cast<int>(shape.size());
  bool has_data = false;
  napi_is_typedarray(env, args[3], &has_data);
  int64_t bytes = 0;
  if (!CountBytes(shape, dtype, &bytes)) return ThrowError(env, "no tensor has this shape");
  void* data = nullptr;
  if (has_data) {
    napi_typedarray_type type;
    size_t length = 0, offset = 0;
    napi_value buffer;
    napi_get_typedarray_info(env, args[3], &type, &length, &data, &buffer, &offset);
    if (length * ItemBytes(type) != static_cast<size_t>(bytes)) {
      return ThrowError(env, "the data does not fill the shape");
    }
  }
  TF_OperationDescription* description =
      TF_NewOperation(inference->graph, has_data ? "Const" : "Placeholder", inference->NewName().c_str());
  TF_SetAttrType(description, "dtype", dtype);
  TF_Tensor* tensor = nullptr;
  if (has_data) {
    tensor = TF_AllocateTensor(dtype, shape.data(), rank, bytes);
    if (bytes > 0) std::memcpy(TF_TensorData(tensor), data, bytes);
    TF_SetAttrTensor(description, "value", tensor, inference->status);
  } else {
    TF_SetAttrShape(description, "shape", shape.data(), rank);
  }
  TF_Operation* operation = TF_FinishOperation(description, inference->status);
  if (tensor != nullptr) TF_DeleteTensor(tensor);
  if (inference->Failed()) return ThrowError(env, inference->Problem());
  return IntValue(env, inference->Add({operation, 0}));
}

void SetAttr(napi_env env, TF_OperationDescription* description, napi_value entry) {
  const std::string name = ReadString(env, Element(env, entry, 0));
  const std::string kind = ReadString(env, Element(env, entry, 1));
  napi_value value = Element(env, entry, 2);
  if (kind == "type") {
    TF_SetAttrType(description, name.c_str(), static_cast<TF_DataType>(ReadInt(env, value)));
  } else if (kind == "int") {
    TF_SetAttrInt(description, name.c_str(), ReadInt(env, value));
  } else if (kind == "bool") {
    bool flag = false;
    napi_get_value_bool(env, value, &flag);
    TF_SetAttrBool(description, name.c_str(), flag);
  } else if (kind == "float") {
    double number = 0;
    napi_get_value_double(env, value, &number);
    TF_SetAttrFloat(description, name.c_str(), static_cast<float>(number));
  } else if (kind == "string") {
    const std::string text = ReadString(env, value);
    TF_SetAttrString(description, name.c_str(), text.data(), text.size());
  } else if (kind == "shape" || kind == "ints") {
    const std::vector<int64_t> numbers = ReadInts(env, value);
    if (kind == "ints") {
      TF_SetAttrIntList(description, name.c_str(), numbers.data(), static_cast<int>(numbers.size()));
    } else {
      TF_SetAttrShape(description, name.c_str(), numbers.data(), static_cast<int>(numbers.size()));
    }
  } else if (kind == "floats") {
    uint32_t length = 0;
    napi_get_array_length(env, value, &length);
    std::vector<float> numbers(length);
    for (uint32_t i = 0; i < length; i++) {
      double number = 0;
      napi_get_value_double(env, Element(env, value, i), &number);
      numbers[i] = static_cast<float>(number);
    }
    TF_SetAttrFloatList(description, name.c_str(), numbers.data(), static_cast<int>(length));
  }
}

// One argument of an op: a value, or a list of them.
struct Input {
  bool is_list = false;
  std::vector<TF_Output> values;
};

// False where a value isn't known.
bool ReadInput(napi_env env, const Inference& inference, napi_value given, Input* input) {
  napi_is_array(env, given, &input->is_list);
  const std::vector<int64_t> ids = input->is_list ? ReadInts(env, given) : std::vector<int64_t>{ReadInt(env, given)};
  for (const int64_t id : ids) {
    if (id < 0 || id >= static_cast<int64_t>(inference.values.size())) return false;
    input->values.push_back(inference.values[id]);
  }
  return true;
}

void AddInput(TF_OperationDescription* description, const Input& input) {
  if (input.is_list) {
    TF_AddInputList(description, input.values.data(), static_cast<int>(input.values.size()));
  } else {
    TF_AddInput(description, input.values[0]);
  }
}

// [id, dtype, shape]; a rank that isn't known gives null for the shape.
napi_value Describe(napi_env env, Inference* inference, TF_Output output) {
  napi_value entry, shape;
  napi_create_array_with_length(env, 3, &entry);
  const int rank = TF_GraphGetTensorNumDims(inference->graph, output, inference->status);
  if (rank < 0) {
    napi_get_null(env, &shape);
  } else {
    std::vector<int64_t> sizes(rank);
    TF_GraphGetTensorShape(inference->graph, output, sizes.data(), rank, inference->status);
    napi_create_array_with_length(env, rank, &shape);
    for (int i = 0; i < rank; i++) napi_set_element(env, shape, i, IntValue(env, sizes[i]));
  }
  napi_set_element(env, entry, 0, IntValue(env, inference->Add(output)));
  napi_set_element(env, entry, 1, IntValue(env, TF_OperationOutputType(output)));
  napi_set_element(env, entry, 2, shape);
  return entry;
}

napi_value InferOp(napi_env env, napi_callback_info info) {
  size_t count = 4;
  napi_value args[4];
  napi_get_cb_info(env, info, &count, args, nullptr, nullptr);
  Inference* inference = ReadInference(env, args[0]);
  if (inference == nullptr) return nullptr;
  const std::string op = ReadString(env, args[1]);
  uint32_t length = 0;
  napi_get_array_length(env, args[3], &length);
  std::vector<Input> inputs(length);
  for (uint32_t i = 0; i < length; i++) {
    if (!ReadInput(env, *inference, Element(env, args[3], i), &inputs[i])) {
      return ThrowError(env, op + ": an input isn't known");
    }
  }
  TF_OperationDescription* description =
      TF_NewOperation(inference->graph, op.c_str(), inference->NewName().c_str());
  for (const Input& input : inputs) AddInput(description, input);
  napi_get_array_length(env, args[2], &length);
  for (uint32_t i = 0; i < length; i++) SetAttr(env, description, Element(env, args[2], i));
  TF_Operation* operation = TF_FinishOperation(description, inference->status);
  if (inference->Failed()) return ThrowError(env, inference->Problem());
  napi_value outputs;
  const int output_count = TF_OperationNumOutputs(operation);
  napi_create_array_with_length(env, output_count, &outputs);
  for (int i = 0; i < output_count; i++) {
    napi_set_element(env, outputs, i, Describe(env, inference, {operation, i}));
  }
  return outputs;
}

}  // namespace

void RegisterInference(napi_env env, napi_value exports) {
  AddFunction(env, exports, "createInference", CreateInference);
  AddFunction(env, exports, "closeInference", CloseInference);
  AddFunction(env, exports, "inferValue", InferValue);
  AddFunction(env, exports, "inferOp", InferOp);
}
