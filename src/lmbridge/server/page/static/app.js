// The runs inside of an MCP client (MCP Apps, 2026-01-26): asks the host for get_run and shows the fragment that comes with it.
(() => {
    const view = document.getElementById("content"), lost = document.getElementById("lost");
    const EVERY_MS = 2000, HTML = "lmbridge/html";
    const waiting = new Map();
    let next = 1, run = null, timer = 0, leaving = false;

    const post = (message) => parent.postMessage({ jsonrpc: "2.0", ...message }, "*");
    const ask = (method, params) => new Promise((done, failed) => {
        waiting.set(next, [done, failed]);
        post({ id: next++, method, params });
    });
    const tool = (name, given) => ask("tools/call", { name, arguments: given });

    // What a reader has unfolded stays so when news come in.
    const name = (details) => {
        const within = details.closest("[id]");
        return `${within.id}/${[...within.querySelectorAll("details")].indexOf(details)}`;
    };
    const put = (html) => {
        const unfolded = new Set([...view.querySelectorAll("details[open]")].map(name));
        view.innerHTML = html; // made by lmbridge, which escapes all that others wrote
        for (const details of view.querySelectorAll("details")) if (unfolded.has(name(details))) details.open = true;
    };
    const show = (result) => {
        const html = result?._meta?.[HTML], told = result?.structuredContent ?? {};
        if (typeof html === "string") put(html);
        else view.textContent = (result?.content ?? []).map((each) => each.text ?? "").join("\n");
        if (told.run_id) run = told.run_id;
        if (told.run_id ? told.status === "running" : !run && told.runs) again();
    };
    const again = () => { clearTimeout(timer); if (!leaving) timer = setTimeout(look, EVERY_MS); };
    const look = async () => {
        try {
            const asked = run;
            const result = await (asked ? tool("get_run", { run_id: asked }) : tool("list_runs", { limit: 10 }));
            if (asked !== run) return;
            lost.hidden = true;
            show(result);
        } catch {
            lost.hidden = false;
            again();
        }
    };
    const open = (id) => { run = id; clearTimeout(timer); look(); };

    const context = (told) => { if (told?.theme) document.documentElement.style.colorScheme = told.theme; };
    const heard = {
        "ui/notifications/tool-input": ({ arguments: given }) => { if (given?.run_id) run = given.run_id; look(); },
        "ui/notifications/tool-result": (result) => { clearTimeout(timer); show(result); },
        "ui/notifications/tool-cancelled": () => look(),
        "ui/notifications/host-context-changed": context,
    };
    addEventListener("message", ({ source, data }) => {
        if (source !== parent || data?.jsonrpc !== "2.0") return;
        if (data.method === "ui/resource-teardown") { leaving = true; clearTimeout(timer); post({ id: data.id, result: {} }); }
        else if (data.method === "ping") post({ id: data.id, result: {} });
        else if (data.method) heard[data.method]?.(data.params ?? {});
        else if (waiting.has(data.id)) {
            const [done, failed] = waiting.get(data.id);
            waiting.delete(data.id);
            if (data.error) failed(new Error(data.error.message)); else done(data.result);
        }
    });
    document.addEventListener("click", (event) => {
        const found = event.target.closest("a[href]")?.getAttribute("href").match(/^\/runs\/([\w-]+)$/);
        if (found || event.target.closest("a[href]")) event.preventDefault();
        if (found) open(found[1]);
    });
    document.addEventListener("submit", (event) => {
        event.preventDefault();
        const found = event.target.getAttribute("action").match(/^\/runs\/([\w-]+)\/cancel$/);
        if (found) tool("cancel_run", { run_id: found[1] }).then(() => open(found[1]), () => open(found[1]));
    });
    new ResizeObserver(() => {
        const { scrollWidth: width, scrollHeight: height } = document.documentElement;
        post({ method: "ui/notifications/size-changed", params: { width, height } });
    }).observe(document.body);
    ask("ui/initialize", {
        protocolVersion: "2026-01-26",
        appInfo: { name: "lmbridge", version: document.body.dataset.version },
        appCapabilities: { availableDisplayModes: ["inline", "fullscreen"] },
    }).then((host) => { context(host?.hostContext); post({ method: "ui/notifications/initialized" }); });
})();
