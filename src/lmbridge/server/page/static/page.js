// Says so where the stream of news has broken off; everything else is done by htmx and the server.
(() => {
    const lost = (gone) => () => { document.getElementById("lost").hidden = !gone; };
    document.addEventListener("htmx:sse:after:connection", lost(false));
    document.addEventListener("htmx:sse:error", lost(true));
    document.addEventListener("htmx:response:error", lost(true));
})();
