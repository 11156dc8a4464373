/** Order events, the same at every run: what memory and opening are measured with. */

const FIRST_MS = 1_700_000_000_000;
const FIRST_ORDER = 1_000_000;
const REGIONS = ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-south-1"] as const;
const TYPES = ["order_created", "order_paid", "order_shipped", "order_delivered"] as const;

/** An entry of five fields. */
export interface OrderEvent {
  readonly id: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** The n-th event of a shop that has one in every millisecond. */
export function orderEvent(n: number): OrderEvent {
  const ms = FIRST_MS + n;
  return {
    id: `${ms}-0`,
    fields: {
      orderId: `ORD-${FIRST_ORDER + n}`,
      totalAmount: ((scattered(n, 1) % 100_000) / 100).toFixed(2),
      region: REGIONS[scattered(n, 2) % REGIONS.length] as string,
      eventType: TYPES[scattered(n, 3) % TYPES.length] as string,
      timestamp: `${ms}`,
    },
  };
}

/** `XADD key id field value …` in RESP; all of it is ASCII. */
export function orderRequest(key: string, n: number): string {
  const { id, fields } = orderEvent(n);
  const argv = ["XADD", key, id, ...Object.entries(fields).flat()];
  return `*${argv.length}\r\n${argv.map((text) => `$${text.length}\r\n${text}\r\n`).join("")}`;
}

/** A number without a pattern, the same for the same arguments. */
function scattered(n: number, salt: number): number {
  let mixed = Math.imul(n, 0x9e37_79b1) ^ Math.imul(salt, 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb_352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846c_a68b);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
