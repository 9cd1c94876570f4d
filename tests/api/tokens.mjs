// Makes tokens with a library that the hub does not use. Knows JWT. Must not know which tokens the hub accepts.

import { webcrypto } from "node:crypto";
import { SignJWT } from "jose";

globalThis.crypto ??= webcrypto; // Node.js 18 has no global crypto

export const secret = "correct horse battery staple, and then some";

export const sign = (claims, { key = new TextEncoder().encode(secret), alg = "HS256", ...header } = {}) =>
  new SignJWT(claims).setProtectedHeader({ alg, typ: "JWT", ...header }).sign(key);
