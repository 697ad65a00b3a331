// Work dealt out to threads, always in the same way, so that sums come out the same in each run.

#pragma once

#include <algorithm>
#include <cstdint>
#include <thread>
#include <vector>

inline int64_t ThreadsFor(int64_t parts) {
  return std::max<int64_t>(1, std::min<int64_t>(parts, std::thread::hardware_concurrency()));
}

// Calls work(first, last, thread) for equal shares of `count` things, on as many threads.
template <typename Work>
void DealOut(int64_t count, int64_t threads, const Work& work) {
  std::vector<std::thread> others;
  for (int64_t i = 1; i < threads; i++) {
    others.emplace_back(work, count * i / threads, count * (i + 1) / threads, i);
  }
  work(0, count / threads, 0);
  for (std::thread& other : others) other.join();
}
