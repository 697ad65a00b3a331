// Values between JavaScript and C++.

#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "node_api.h"

inline napi_value ThrowError(napi_env env, const std::string& message) {
  napi_throw_error(env, nullptr, message.c_str());
  return nullptr;
}

inline std::string ReadString(napi_env env, napi_value value) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok) return "";
  std::string text(length, '\0');
  napi_get_value_string_utf8(env, value, &text[0], length + 1, &length);
  return text;
}

inline std::vector<std::string> ReadStrings(napi_env env, napi_value array) {
  uint32_t length = 0;
  napi_get_array_length(env, array, &length);
  std::vector<std::string> texts;
  texts.reserve(length);
  for (uint32_t i = 0; i < length; i++) {
    napi_value item;
    napi_get_element(env, array, i, &item);
    texts.push_back(ReadString(env, item));
  }
  return texts;
}

// The bytes of a typed array of bytes; none of anything else.
inline std::string ReadBytes(napi_env env, napi_value value) {
  napi_typedarray_type type;
  size_t bytes = 0, offset = 0;
  void* data = nullptr;
  napi_value buffer;
  if (napi_get_typedarray_info(env, value, &type, &bytes, &data, &buffer, &offset) != napi_ok) return "";
  return std::string(static_cast<const char*>(data), bytes);
}

inline int64_t ReadInt(napi_env env, napi_value value) {
  int64_t number = 0;
  napi_get_value_int64(env, value, &number);
  return number;
}

inline std::vector<int64_t> ReadInts(napi_env env, napi_value array) {
  uint32_t length = 0;
  napi_get_array_length(env, array, &length);
  std::vector<int64_t> numbers(length);
  for (uint32_t i = 0; i < length; i++) {
    napi_value item;
    napi_get_element(env, array, i, &item);
    numbers[i] = ReadInt(env, item);
  }
  return numbers;
}

// Bytes of one item of a typed array; 0 of a kind that came after these.
inline size_t ItemBytes(napi_typedarray_type type) {
  static const size_t bytes[] = {1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 8};
  return static_cast<size_t>(type) < sizeof(bytes) / sizeof(size_t) ? bytes[type] : 0;
}

inline napi_value Element(napi_env env, napi_value array, uint32_t index) {
  napi_value item;
  napi_get_element(env, array, index, &item);
  return item;
}

// A copy of bytes as an ArrayBuffer; none in a worker thread that is being ended, where nothing can be made any more.
inline napi_value CopyOf(napi_env env, const void* data, size_t bytes) {
  void* copy = nullptr;
  napi_value buffer = nullptr;
  if (napi_create_arraybuffer(env, bytes, &copy, &buffer) != napi_ok) return nullptr;
  if (bytes > 0) std::memcpy(copy, data, bytes);
  return buffer;
}

// The same as a Uint8Array.
inline napi_value BytesOf(napi_env env, const void* data, size_t bytes) {
  napi_value array = nullptr;
  const napi_value buffer = CopyOf(env, data, bytes);
  if (buffer != nullptr) napi_create_typedarray(env, napi_uint8_array, bytes, buffer, 0, &array);
  return array;
}

inline void AddFunction(napi_env env, napi_value exports, const char* name, napi_callback callback) {
  napi_value function;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function);
  napi_set_named_property(env, exports, name, function);
}
