/** XLA keeps no programs: what is compiled in a test takes its time, and no earlier run's errors. */
process.env.TF_XLA_FLAGS ??= "";
