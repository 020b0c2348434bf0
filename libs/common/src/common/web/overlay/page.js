// Starts a service's page and fills in what a form should not ask of an operator: the key of a piece of business, the version last read.
(() => {
  const document_url = document.body.dataset.openapi;
  const versions = new Map(); // id of a thing → its ETag as this page last saw it
  const writing = new Set(); // addresses that are being written to

  const last_id = (text) => text.match(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g)?.pop();
  const new_key = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const given = (headers, name) => Object.keys(headers).find((each) => each.toLowerCase() === name && headers[each]);

  const before = (request) => {
    if (request.loadSpec || request.method === "GET" || request.url.endsWith("/identity/token")) return request;
    writing.add(request.url);
    if (request.method === "POST" && !given(request.headers, "idempotency-key")) request.headers["Idempotency-Key"] = new_key();
    const version = versions.get(last_id(request.url));
    if (version && !given(request.headers, "if-match")) request.headers["If-Match"] = version;
    return request;
  };

  const after = (response) => {
    const body = response.body ?? {};
    const id = body.id ?? last_id(response.url ?? "");
    if (response.headers?.etag && id) versions.set(id, response.headers.etag);
    if (body.code && body.title) response.statusText = said(body);
    if (writing.delete(response.url) && response.ok) refresh();
    return response;
  };

  const said = (problem) => {
    const faults = (problem.faults ?? []).map((fault) => `${fault.pointer.replace("/body/", "")} ${fault.message}`);
    return [problem.title, problem.detail, ...faults].filter(Boolean).join("；");
  };

  // What was just entered may be named by the next form: in an invented city the examples hold the newest ids.
  // The result is shown meanwhile; `data-stale` stands on the page until the forms are up to date.
  const refresh = async () => {
    document.body.dataset.stale = "";
    try {
      const answer = await fetch(document_url);
      // Not by updateJsonSpec: that forgets what is open, and the result that it shows.
      if (answer.ok) ui.getStore().dispatch({ type: "spec_update_json", payload: for_people(await answer.json()) });
    } catch (away) {
      console.warn(away);
    } finally {
      delete document.body.dataset.stale;
    }
  };

  // Programs log in by other means than people; the dialog shows one way.
  const for_people = (made) => {
    for (const scheme of Object.values(made.components.securitySchemes)) delete scheme.flows.clientCredentials;
    return made;
  };

  const ui = SwaggerUIBundle({
    url: document_url,
    dom_id: "#swagger-ui",
    layout: "BaseLayout",
    presets: [SwaggerUIBundle.presets.apis],
    deepLinking: true,
    persistAuthorization: true,
    tryItOutEnabled: true,
    docExpansion: "list",
    defaultModelsExpandDepth: -1,
    validatorUrl: null,
    requestInterceptor: before,
    responseInterceptor: after,
    plugins: [{ statePlugins: { spec: { wrapActions: { updateJsonSpec: (original) => (made) => original(for_people(made)) } } } }],
  });
})();
