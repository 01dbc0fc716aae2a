/** A worker whose clock goes on in a background tab, where a page's own timers may sleep for a minute. */

setInterval(() => postMessage(null), 1000);
