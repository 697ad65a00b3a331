// Kept images put together to a batch, off the main thread.
//
//   gather(images, target) -> Promise<undefined>
//       images: Uint8Array[] of equal lengths, one after the other in the target
//       target: Float32Array of as many values as there are bytes, which become float32; or a Float32Array or
//               Uint8Array of as many bytes, which are copied
//
// Leave all of them alone until the promise settles.

#include <immintrin.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "napi_values.h"
#include "node_api.h"

namespace {

struct Gather {
  std::vector<const uint8_t*> images;
  size_t image_bytes = 0;
  uint8_t* target = nullptr;
  bool widen = false;
  napi_ref owner = nullptr;  // keeps images and target alive
  napi_deferred deferred = nullptr;
  napi_async_work work = nullptr;
};

// Past the caches: a batch is larger than they are, and the next to read it is another thread. A line of the cache at
// a time, whole, so that none is written in parts, wherever the compiler puts the loop.
__attribute__((target("avx"))) void Widen(const uint8_t* from, size_t count, float* to) {
  size_t i = 0;
  while (i < count && reinterpret_cast<uintptr_t>(to + i) % 64 != 0) {
    to[i] = from[i];
    i++;
  }
  for (; i + 16 <= count; i += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i));
    _mm_stream_ps(to + i, _mm_cvtepi32_ps(_mm_cvtepu8_epi32(bytes)));
    _mm_stream_ps(to + i + 4, _mm_cvtepi32_ps(_mm_cvtepu8_epi32(_mm_srli_si128(bytes, 4))));
    _mm_stream_ps(to + i + 8, _mm_cvtepi32_ps(_mm_cvtepu8_epi32(_mm_srli_si128(bytes, 8))));
    _mm_stream_ps(to + i + 12, _mm_cvtepi32_ps(_mm_cvtepu8_epi32(_mm_srli_si128(bytes, 12))));
  }
  for (; i < count; i++) to[i] = from[i];
}

void Execute(napi_env, void* data) {
  auto* gather = static_cast<Gather*>(data);
  uint8_t* target = gather->target;
  for (const uint8_t* image : gather->images) {
    if (gather->widen) {
      Widen(image, gather->image_bytes, reinterpret_cast<float*>(target));
      target += gather->image_bytes * sizeof(float);
    } else {
      std::memcpy(target, image, gather->image_bytes);
      target += gather->image_bytes;
    }
  }
  _mm_sfence();
}

void Complete(napi_env env, napi_status, void* data) {
  std::unique_ptr<Gather> gather(static_cast<Gather*>(data));
  napi_delete_reference(env, gather->owner);
  napi_delete_async_work(env, gather->work);
  napi_value nothing;
  napi_get_undefined(env, &nothing);
  napi_resolve_deferred(env, gather->deferred, nothing);
}

napi_value Start(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value args[2];
  napi_get_cb_info(env, info, &count, args, nullptr, nullptr);
  auto gather = std::make_unique<Gather>();
  napi_typedarray_type type;
  size_t length = 0, offset;
  void* bytes = nullptr;
  napi_value buffer;
  uint32_t images = 0;
  napi_get_array_length(env, args[0], &images);
  for (uint32_t i = 0; i < images; i++) {
    if (napi_get_typedarray_info(env, Element(env, args[0], i), &type, &length, &bytes, &buffer, &offset) != napi_ok ||
        type != napi_uint8_array || (i > 0 && length != gather->image_bytes)) {
      return ThrowError(env, "gather needs Uint8Arrays of equal lengths");
    }
    gather->image_bytes = length;
    gather->images.push_back(static_cast<const uint8_t*>(bytes));
  }
  const size_t all = images * gather->image_bytes;
  const bool is_array = napi_get_typedarray_info(env, args[1], &type, &length, &bytes, &buffer, &offset) == napi_ok;
  const bool is_float = is_array && type == napi_float32_array;
  const bool is_bytes = is_array && type == napi_uint8_array;
  gather->widen = is_float && length == all;
  if (!gather->widen && !(is_bytes && length == all) && !(is_float && length * sizeof(float) == all)) {
    return ThrowError(env, "gather needs an array with a place for every value");
  }
  gather->target = static_cast<uint8_t*>(bytes);
  napi_value owner, promise, name;
  napi_create_array_with_length(env, 2, &owner);
  napi_set_element(env, owner, 0, args[0]);
  napi_set_element(env, owner, 1, args[1]);
  napi_create_reference(env, owner, 1, &gather->owner);
  napi_create_promise(env, &gather->deferred, &promise);
  napi_create_string_utf8(env, "convnets.gather", NAPI_AUTO_LENGTH, &name);
  napi_create_async_work(env, nullptr, name, Execute, Complete, gather.get(), &gather->work);
  napi_queue_async_work(env, gather->work);
  gather.release();
  return promise;
}

}  // namespace

void RegisterGather(napi_env env, napi_value exports) { AddFunction(env, exports, "gather", Start); }
