import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ClusterOptions, readCluster } from "../../lib/distributed/cluster";
import { EnvironmentError, InvalidArgumentError } from "../../lib/index";

const two = { worker: ["10.0.0.1:2222", "10.0.0.2:2222"] };
const three = { ...two, chief: ["node-1:2222"] };

/** What TF_CONFIG says, if this is in it. */
function read(config: unknown) {
  return readCluster(
    {},
    { TF_CONFIG: typeof config === "string" ? config : JSON.stringify(config) },
  );
}

describe("a cluster", () => {
  it("is the list of workers and this one's place in it", () => {
    const cluster = read({ cluster: two, task: { type: "worker", index: 1 } });
    assert.deepEqual(cluster, { addresses: two.worker, index: 1 });
  });

  it("has the chief before the workers", () => {
    const addresses = [...three.chief, ...three.worker];
    const places = [
      { type: "chief", index: 0 },
      { type: "worker", index: 0 },
      { type: "worker", index: "1" },
    ].map((task) => read({ cluster: three, task }));
    assert.deepEqual(
      places,
      [0, 1, 2].map((index) => ({ addresses, index })),
    );
  });

  it("is what the options say, whatever TF_CONFIG says", () => {
    const environment = { TF_CONFIG: "not read" };
    const options: ClusterOptions = { cluster: two, task: { type: "worker", index: 0 } };
    assert.deepEqual(readCluster(options, environment), { addresses: two.worker, index: 0 });
  });

  it("is none where nothing names other processes", () => {
    assert.equal(readCluster({}, {}), undefined);
    assert.equal(read(""), undefined);
    assert.equal(read("{}"), undefined);
  });

  it("may have addresses of IPv6, and names", () => {
    const worker = ["[fd00::1]:2222", "a.b-c.example:65535"];
    const cluster = read({ cluster: { worker }, task: { type: "worker", index: 0 } });
    assert.deepEqual(cluster?.addresses, worker);
  });
});

describe("what is no cluster is refused in one sentence", () => {
  const task = { type: "worker", index: 0 };
  const wrong: [what: string, config: unknown, message: RegExp][] = [
    ["what is no JSON", "{", /^TF_CONFIG is no JSON: /],
    ["a list", [], /^`TF_CONFIG` must be an object of a cluster and a task\. Received: /],
    ["no cluster", { task }, /^`TF_CONFIG\.cluster` must be an object of addresses by job\. Rec/],
    [
      "an empty one",
      { cluster: {}, task },
      /^`TF_CONFIG\.cluster` must be an object with the addr/,
    ],
    ["no task", { cluster: two }, /^`TF_CONFIG\.task` must be an object of a type and an index\. /],
    [
      "parameter servers",
      { cluster: { ...two, ps: ["10.0.0.3:2222"] }, task },
      /^`TF_CONFIG\.cluster` has a job that doesn't train: .* Received: "ps"$/,
    ],
    [
      "an evaluator's task",
      { cluster: two, task: { type: "evaluator", index: 0 } },
      /^`TF_CONFIG\.task\.type` has a job that doesn't train: .* Received: "evaluator"$/,
    ],
    [
      "a job that the cluster lacks",
      { cluster: two, task: { type: "chief", index: 0 } },
      /^`TF_CONFIG\.task\.type` must be a job of the cluster, "worker"\. Received: .*="chief"$/,
    ],
    ["a type that is no text", { cluster: two, task: { type: 1 } }, /must be a job of the cluster/],
    [
      "an index beyond the list",
      { cluster: two, task: { type: "worker", index: 2 } },
      /^`TF_CONFIG\.task\.index` must be a whole number from 0 to 1\. Received: .*=2$/,
    ],
    [
      "an index that is no number",
      { cluster: three, task: { type: "chief", index: "first" } },
      /^`TF_CONFIG\.task\.index` must be 0: there is one chief\. Received: .*="first"$/,
    ],
    [
      "two chiefs",
      { cluster: { chief: two.worker }, task },
      /^`TF_CONFIG\.cluster\.chief` must be one address\. Received: /,
    ],
    [
      "an address that is there twice",
      { cluster: { ...two, chief: ["10.0.0.2:2222"] }, task },
      /^`TF_CONFIG\.cluster` must be addresses that differ, and 10\.0\.0\.2:2222 is there twice\. /,
    ],
    [
      "addresses by number",
      { cluster: { worker: { 0: "10.0.0.1:2222" } }, task },
      /^`TF_CONFIG\.cluster\.worker` must be a list of addresses\. Received: /,
    ],
    ...["10.0.0.1", "10.0.0.1:0", "10.0.0.1:65536", ":2222", "grpc://a:2222", "fd00::1:22", 5].map(
      (address): [string, unknown, RegExp] => [
        `the address ${address}`,
        { cluster: { worker: [two.worker[0], address] }, task },
        /^`TF_CONFIG\.cluster\.worker\[1\]` must be a host and a port, such as /,
      ],
    ),
  ];
  for (const [what, config, message] of wrong) {
    it(what, () => {
      assert.throws(
        () => read(config),
        (error) => {
          assert.ok(error instanceof InvalidArgumentError);
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }

  it("a task without a cluster, as an option", () => {
    assert.throws(
      () => readCluster({ task: { type: "worker", index: 0 } }, {}),
      /^InvalidArgumentError: `cluster` must be an object of addresses by job\./,
    );
  });
});

describe("a step of Slurm", () => {
  const step = {
    SLURM_JOB_ID: "4001",
    SLURM_STEP_ID: "2",
    SLURM_STEP_NODELIST: "gpu[08-10,2]-ib,login",
    SLURM_STEP_TASKS_PER_NODE: "2(x2),1(x3)",
    SLURM_PROCID: "3",
    SLURM_LOCALID: "1",
    SLURMD_NODENAME: "gpu09-ib",
  };

  it("is a cluster of its processes, node by node, on ports of its own", () => {
    assert.deepEqual(readCluster({}, step), {
      addresses: [
        "gpu08-ib:10030",
        "gpu08-ib:10031",
        "gpu09-ib:10030",
        "gpu09-ib:10031",
        "gpu10-ib:10030",
        "gpu2-ib:10030",
        "login:10030",
      ],
      index: 3,
    });
  });

  it("may have two ranges in a name", () => {
    const cluster = readCluster(
      {},
      {
        ...step,
        SLURM_STEP_NODELIST: "r[1-2]n[1,3]",
        SLURM_STEP_TASKS_PER_NODE: "1(x4)",
        SLURM_LOCALID: "0",
        SLURMD_NODENAME: "r2n3",
      },
    );
    assert.equal(cluster?.addresses.join(), "r1n1:10030,r1n3:10030,r2n1:10030,r2n3:10030");
  });

  it("is not what a batch script is", () => {
    const batch = { SLURM_PROCID: "0", SLURM_NTASKS: "4", SLURM_JOB_NODELIST: "gpu[1-4]" };
    assert.equal(readCluster({}, batch), undefined);
  });

  it("comes after TF_CONFIG", () => {
    const TfConfig = JSON.stringify({ cluster: two, task: { type: "worker", index: 1 } });
    assert.deepEqual(readCluster({}, { ...step, TF_CONFIG: TfConfig })?.addresses, two.worker);
  });

  const unclear: [what: string, change: NodeJS.ProcessEnv][] = [
    ["tasks go round the nodes", { SLURMD_NODENAME: "gpu10-ib" }],
    ["a task is another of its node's", { SLURM_LOCALID: "0" }],
    ["there are fewer tasks", { SLURM_PROCID: "7" }],
    ["the lists differ in length", { SLURM_STEP_TASKS_PER_NODE: "2(x2)" }],
    ["a bracket is open", { SLURM_STEP_NODELIST: "gpu[1-4" }],
    ["a range goes backwards", { SLURM_STEP_NODELIST: "gpu[4-1]" }],
    ["tasks are no numbers", { SLURM_STEP_TASKS_PER_NODE: "two" }],
  ];
  for (const [what, change] of unclear) {
    it(`is refused where ${what}`, () => {
      assert.throws(
        () => readCluster({}, { ...step, ...change }),
        (error) => {
          assert.ok(error instanceof EnvironmentError);
          assert.match(
            error.message,
            /^Slurm's variables don't say which process is on which node/,
          );
          return true;
        },
      );
    });
  }
});
