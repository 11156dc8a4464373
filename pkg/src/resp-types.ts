/**
 * ASCII codes of RESP: what a reply begins with, of those that Eddyline gives and Redis in version 2;
 * what a line ends with. Constants in a file of their own, as bundlers put those where they are used.
 */

export const LF = 10;
export const CR = 13;
export const BULK = 0x24;
export const MAP = 0x25;
export const ARRAY = 0x2a;
export const SIMPLE = 0x2b;
export const MINUS = 0x2d;
export const ERROR = 0x2d;
export const ZERO = 0x30;
export const INTEGER = 0x3a;
export const VERBATIM = 0x3d;
export const PUSH = 0x3e;
export const NULL = 0x5f;
export const SET = 0x7e;
