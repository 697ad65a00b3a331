import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { describe, it } from "node:test";
import { avoidProxies, ownAddress, waitForWorkers } from "../../lib/distributed/address";
import { startServer } from "../../lib/distributed/server";
import { EnvironmentError, InvalidArgumentError } from "../../lib/index";

const cluster = (...hosts: string[]) => ({
  addresses: hosts.map((host, i) => `${host}:${3000 + i}`),
  index: 0,
});

describe("the address that a worker listens on", () => {
  it("is the one that the cluster has for it", async () => {
    assert.equal(await ownAddress(cluster("127.0.0.1", "127.0.0.1")), "127.0.0.1");
    assert.equal(await ownAddress(cluster("127.0.0.2", "localhost")), "127.0.0.2");
    const outside = Object.values(networkInterfaces())
      .flat()
      .find((entry) => entry?.internal === false && entry.family === "IPv4")?.address;
    if (outside === undefined) return; // a machine without a network
    const options = { allowPublicAddress: true };
    assert.equal(await ownAddress(cluster(outside, "10.0.0.2"), options), outside);
  });

  it("may be named", async () => {
    assert.equal(await ownAddress(cluster("localhost", "localhost")), "127.0.0.1");
  });

  it("is of this machine", async () => {
    await assert.rejects(ownAddress(cluster("192.0.2.1")), (error) => {
      assert.ok(error instanceof EnvironmentError);
      assert.match(
        error.message,
        /^Worker 0 is to listen on 192\.0\.2\.1, which is no address of this machine\. Received: 192/,
      );
      assert.match(error.hint ?? "", /^The addresses here are .*127\.0\.0\.1/);
      return true;
    });
    await assert.rejects(ownAddress(cluster("no.such.invalid")), /There is no host no\.such\.inv/);
  });

  it("is one that the others can reach", async () => {
    await assert.rejects(
      ownAddress(cluster("127.0.0.1", "10.0.0.2")),
      /^EnvironmentError: .* and that is 127\.0\.0\.1 here, where other machines can't reach it$/,
    );
  });

  for (const host of ["8.8.8.8", "172.32.0.1", "[2001:db8::1]"]) {
    it(`may not be public unless that is said: ${host}`, async () => {
      const open = cluster("127.0.0.1", host);
      await assert.rejects(ownAddress(open), (error) => {
        assert.ok(error instanceof InvalidArgumentError);
        assert.match(error.message, /^The cluster has the public address .* no passwords/);
        assert.match(error.hint ?? "", /`allowPublicAddress: true`/);
        return true;
      });
      // What is wrong else is said then.
      await assert.rejects(ownAddress(open, { allowPublicAddress: true }), /can't reach it$/);
    });
  }

  for (const host of ["10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "[fd00::1]"]) {
    it(`may be of a private network: ${host}`, async () => {
      await assert.rejects(ownAddress(cluster("127.0.0.1", host)), /can't reach it$/);
    });
  }
});

describe("a server of TensorFlow's", () => {
  /** A port that nobody listens on. */
  async function freePort(): Promise<number> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    await once(server.close(), "close");
    return port;
  }

  async function answers(host: string, port: number): Promise<boolean> {
    const socket = connect({ host, port });
    const isThere = once(socket, "connect").then(
      () => true,
      () => false,
    );
    return await isThere.finally(() => socket.destroy());
  }

  for (const [own, other] of [
    ["127.0.0.3", "127.0.0.1"],
    ["127.0.0.1", "127.0.0.3"],
  ] as const) {
    it(`listens on ${own} and not on ${other}`, async () => {
      const port = await freePort();
      startServer({ addresses: [`${own}:${port}`], rank: 0 }, own);
      assert.equal(await answers(own, port), true);
      assert.equal(await answers(other, port), false);
    });
  }

  it("that finds its port taken is an error that names it", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    assert.throws(
      () => startServer({ addresses: ["127.0.0.1:1", address], rank: 1 }, "127.0.0.1"),
      (error) => {
        assert.ok(error instanceof EnvironmentError);
        assert.match(
          error.message,
          new RegExp(`^TensorFlow's server .* not be started at ${address}:`),
        );
        return true;
      },
    );
    server.close();
  });
});

describe("a proxy for web pages", () => {
  const workers = cluster("10.0.0.1", "node-2", "[fd00::1]");

  it("isn't asked for workers, nor for what it wasn't asked for before", () => {
    const environment: NodeJS.ProcessEnv = { http_proxy: "http://a:1", no_proxy: "b,node-2" };
    avoidProxies(workers, environment);
    assert.equal(environment.no_grpc_proxy, "b,node-2,10.0.0.1,fd00::1");
    avoidProxies(cluster("c"), environment);
    assert.equal(environment.no_grpc_proxy, "b,node-2,10.0.0.1,fd00::1,c");
  });

  it("that isn't there changes nothing", () => {
    const environment = { no_proxy: "b" };
    avoidProxies(workers, environment);
    assert.deepEqual(environment, { no_proxy: "b" });
  });
});

describe("waiting for workers", () => {
  it("ends when each of them listens, whenever it comes", async () => {
    const early = createServer().listen(0, "127.0.0.1");
    await once(early, "listening");
    const late = createServer().listen(0, "127.0.0.1");
    await once(late, "listening");
    const [first, second] = [early, late].map((server) => (server.address() as AddressInfo).port);
    late.close();
    const addresses = ["127.0.0.1:1", `127.0.0.1:${first}`, `127.0.0.1:${second}`];
    const waiting = waitForWorkers({ addresses, index: 0 }, { timeoutMs: 20_000 });
    const again = createServer();
    setTimeout(() => again.listen(second, "127.0.0.1"), 250);
    await waiting;
    assert.ok(again.listening);
    early.close();
    again.close();
  });

  it("ends at its time, with a word on who is missing and why", async () => {
    const addresses = ["127.0.0.1:1", "no.such.invalid:5", "127.0.0.1:2"];
    await assert.rejects(waitForWorkers({ addresses, index: 2 }, { timeoutMs: 300 }), (error) => {
      assert.ok(error instanceof EnvironmentError);
      assert.equal(
        error.message,
        "2 of 3 workers don't answer after 0.3 s: worker 0 at 127.0.0.1:1 (nothing listens there), " +
          "worker 1 at no.such.invalid:5 (no such host)",
      );
      return true;
    });
  });

  it("ends when it is told to", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    const addresses = ["127.0.0.1:1", "127.0.0.1:2"];
    const waiting = waitForWorkers({ addresses, index: 1 }, { timeoutMs: 20_000, signal });
    await assert.rejects(waiting, /^Error: enough$/);
  });
});
