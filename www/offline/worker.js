/**
 * The service worker: once the page was loaded it works without a network. The build puts two lines
 * before this file, FILES and VERSION.
 *
 * Files with a hash in their name never change, so they come from the cache. The page itself comes
 * from the server when that answers, so that a new version is seen at once. Everything else, the
 * requests to streams above all, goes its way untouched.
 */

/* global FILES, VERSION */

const CACHE = `eddyline ${VERSION}`;
const PAGE = new URL("./", self.registration.scope).href;
const LISTED = new Set(FILES.map((path) => new URL(path, self.registration.scope).href));

self.addEventListener("install", (event) => {
  event.waitUntil(fill().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOthers().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const url = new URL(request.url);
  url.hash = "";
  if (url.href === PAGE) event.respondWith(fromServer(request));
  else if (LISTED.has(url.href)) event.respondWith(fromCache(request));
});

async function fill() {
  const cache = await caches.open(CACHE);
  // Not from the browser's own cache: a page of before may be in it.
  await cache.addAll([PAGE, ...LISTED].map((url) => new Request(url, { cache: "no-cache" })));
}

async function forgetOthers() {
  const names = await caches.keys();
  const others = names.filter((name) => name.startsWith("eddyline ") && name !== CACHE);
  await Promise.all(others.map((name) => caches.delete(name)));
}

async function fromServer(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match(PAGE, { cacheName: CACHE });
    if (kept === undefined) throw error;
    return kept;
  }
}

async function fromCache(request) {
  return (await caches.match(request, { cacheName: CACHE, ignoreSearch: true })) ?? fetch(request);
}
