// @ts-check
/**
 * Starts the Jupyter kernel: tslab, with a connection that loses no output.
 *
 * tslab doesn't wait until a message is sent. Now and then zeromq needs a turn of the event loop before it goes on
 * (after 512 messages at the latest), and refuses what is sent until then: a cell's text, which `console.log` drops
 * without a word, a figure, or the news that the cell has ended. And libzmq drops the messages of a cell that is
 * more than a thousand ahead of its reader. So everything is sent at once here, and waits as long as it has to.
 */
import jupyter from "tslab/dist/jupyter.js";
import tslab from "tslab/dist/main.js";

/** @type {{ bindSocket(socket: import("zeromq").Socket, port: number): Promise<void> }} */
const server = /** @type {any} */ (jupyter.ZmqServer.prototype);
const { bindSocket } = server;
server.bindSocket = function (socket, port) {
  Object.assign(socket, { sendTimeout: 0, sendHighWaterMark: 0 });
  return bindSocket.call(this, socket, port);
};

tslab.main();
