// The service worker of one check-in link. PAGE and ASSETS are written above by the server.
const NAME = `khcn-check-in-${PAGE}`;
self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(NAME);
    await Promise.all(ASSETS.map((url) => cache.add(url).catch(() => undefined)));
    const page = await fetch(PAGE, { credentials: "omit" });
    if (page.ok) await cache.put(PAGE, page);
    await self.skipWaiting();
  })());
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
const pageFirst = async (request) => {
  const cache = await caches.open(NAME);
  const before = navigator.onLine ? undefined : await cache.match(PAGE);
  if (before) return before;
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected) await cache.put(PAGE, answer.clone());
    if (answer.status === 404) await caches.delete(NAME);
    return answer;
  } catch (error) {
    const kept = await cache.match(PAGE);
    if (kept) return kept;
    throw error;
  }
};
const keptFirst = async (request) => {
  const cache = await caches.open(NAME);
  return (await cache.match(request, { ignoreVary: true })) || fetch(request);
};
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname === PAGE && event.request.mode === "navigate") event.respondWith(pageFirst(event.request));
  else if (ASSETS.includes(url.pathname + url.search)) event.respondWith(keptFirst(event.request));
});
