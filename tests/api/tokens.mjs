// Tokens, made by a library that is not the hub's. It knows JWT; it must not know what the hub makes of them.

import { webcrypto } from "node:crypto";
import { SignJWT } from "jose";

globalThis.crypto ??= webcrypto; // Node.js 18 has it by this name alone

export const secret = "correct horse battery staple, and then some";

export const sign = (claims, { key = new TextEncoder().encode(secret), alg = "HS256", ...header } = {}) =>
  new SignJWT(claims).setProtectedHeader({ alg, typ: "JWT", ...header }).sign(key);
