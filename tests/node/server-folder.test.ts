/** `eddyline serve --dir`: what clients were answered outlives the server. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { encodeRequests } from "../../pkg/src/framing.ts";
import { runProgram, Served } from "./served.ts";
import { RawClient } from "./server-socket.ts";

const root = mkdtempSync(join(tmpdir(), "eddyline-served-"));
after(() => rmSync(root, { recursive: true }));

const CLIENTS = 20;

describe("a server that keeps its streams in a folder", () => {
  for (const appendfsync of ["always", "everysec", "no"]) {
    it(`has all that it answered after SIGKILL, appendfsync ${appendfsync}`, async () => {
      const dir = join(root, appendfsync);
      let added = 0;
      for (let life = 0; life < 3; life++) {
        await using served = await Served.start("--dir", dir, "--appendfsync", appendfsync);
        const clients = await Promise.all(
          Array.from({ length: CLIENTS }, () => RawClient.open(served.port)),
        );
        const [first] = clients as [RawClient];
        assert.equal(await first.ask("XLEN s\r\n"), `:${added}\r\n`);
        // They add until the server is gone; each has one command under way.
        const ends = clients.map(async (client) => {
          for (let n = 0; n < 50 + life; n++) {
            const reply = await client.ask(encodeAdd(n));
            assert.match(reply, /^\$\d+\r\n\d+-\d+\r\n$/);
            added += 1;
          }
        });
        await Promise.all(ends);
        await served.end("SIGKILL");
      }
      await using served = await Served.start("--dir", dir);
      const client = await RawClient.open(served.port);
      assert.equal(await client.ask("XLEN s\r\n"), `:${added}\r\n`);
      assert.equal(await served.end("SIGTERM"), 0);
      assert.match(served.out, new RegExp(`the streams are kept in ${dir}\n.*ended\n$`, "s"));
    });
  }

  it("refuses a folder that another one serves, in a line", async () => {
    const dir = join(root, "shared");
    await using served = await Served.start("--dir", dir);
    const { code, out, err } = await runProgram("serve", "--port", "0", "--dir", dir);
    assert.deepEqual([code, out], [1, ""]);
    assert.equal(
      err,
      `eddyline: ${dir}/eddyline.sqlite is open already, here or in another process\n`,
    );
    assert.equal(await served.end("SIGTERM"), 0);
    await using next = await Served.start("--dir", dir);
    assert.equal(await next.end("SIGTERM"), 0);
  });

  it("takes no other policy", async () => {
    const { code, err } = await runProgram("serve", "--dir", root, "--appendfsync", "sometimes");
    assert.equal(code, 2);
    assert.match(err, /--appendfsync takes always, everysec or no, not "sometimes"/);
  });
});

function encodeAdd(n: number): Uint8Array {
  return encodeRequests([["XADD", "s", "*", "n", `${n}`, "p", "x".repeat((n * 37) % 3000)]]);
}
