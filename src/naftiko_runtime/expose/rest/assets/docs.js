"use strict";

// Everything that comes from the description is put into the page as text, never as markup.

const METHODS = ["get", "post", "put", "patch", "delete", "head", "options", "trace"];
const BASE = new URL(".", document.baseURI);
const byId = (id) => document.getElementById(id);

function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") made.className = value;
    else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

// ---- Schemas

function resolver(root) {
  return (schema) => {
    let found = schema ?? {};
    for (let step = 0; found.$ref && step < 8; step += 1) {
      found = found.$ref.replace(/^#\//, "").split("/")
        .reduce((node, part) => node?.[part.replace(/~1/g, "/").replace(/~0/g, "~")], root) ?? {};
    }
    return found;
  };
}

function kindOf(schema) {
  const types = [schema.type ?? "any"].flat();
  const named = types.map((type) => {
    if (type === "array") return `array of ${schema.items?.type ?? "any"}`;
    return schema.format ? `${type} (${schema.format})` : type;
  });
  return named.join(" or ");
}

function boundsOf(schema) {
  const bounds = [];
  if (schema.enum) bounds.push(`one of ${schema.enum.map((one) => JSON.stringify(one)).join(", ")}`);
  if ("default" in schema) bounds.push(`default ${JSON.stringify(schema.default)}`);
  if ("minimum" in schema) bounds.push(`at least ${schema.minimum}`);
  if ("maximum" in schema) bounds.push(`at most ${schema.maximum}`);
  if ("minLength" in schema) bounds.push(`at least ${schema.minLength} characters`);
  if ("maxLength" in schema) bounds.push(`at most ${schema.maxLength} characters`);
  if (schema.pattern) bounds.push(`matches ${schema.pattern}`);
  return bounds.join("; ");
}

function fieldRow(name, schema, { required, place, description, resolve, depth = 0 }) {
  const facts = [place, kindOf(schema), boundsOf(schema)].filter(Boolean).join(" · ");
  const text = description ?? schema.description;
  const inside = depth < 6 ? fieldsInside(schema, resolve, depth + 1) : null;
  return element("li", {},
    element("div", {},
      element("span", { class: "name" }, name),
      required ? element("span", { class: "required" }, "required") : null),
    element("div", {},
      element("div", { class: "kind" }, facts),
      text ? element("p", {}, text) : null),
    inside);
}

function fieldsInside(schema, resolve, depth = 0) {
  const holder = [schema.type].flat().includes("array") ? resolve(schema.items) : schema;
  const properties = Object.entries(holder.properties ?? {});
  if (!properties.length) return null;
  const required = new Set(holder.required ?? []);
  return element("ul", { class: "fields" }, ...properties.map(([name, inner]) =>
    fieldRow(name, resolve(inner), { required: required.has(name), resolve, depth })));
}

function sample(schema, resolve, depth = 0) {
  const found = resolve(schema);
  if ("default" in found) return found.default;
  if (found.enum?.length) return found.enum[0];
  const type = [found.type ?? "object"].flat()[0];
  if (type === "array") return depth < 5 && found.items?.type ? [sample(found.items, resolve, depth + 1)] : [];
  if (type === "object") {
    const required = new Set(found.required ?? []);
    const entries = Object.entries(found.properties ?? {});
    const shown = required.size ? entries.filter(([name]) => required.has(name)) : entries;
    return depth < 5
      ? Object.fromEntries(shown.map(([name, inner]) => [name, sample(inner, resolve, depth + 1)]))
      : {};
  }
  return { string: "", integer: 0, number: 0, boolean: false, null: null }[type] ?? null;
}

// ---- The form of an operation

function controlFor(schema, { name, required, secret }) {
  const common = { name, required, autocomplete: "off", spellcheck: "false" };
  const type = [schema.type].flat()[0];
  const choices = schema.enum ?? (type === "boolean" ? [true, false] : null);
  if (choices) {
    return element("select", { name, required },
      element("option", { value: "" }, required ? "Choose…" : "not sent"),
      ...choices.map((choice) => element("option", { value: String(choice) }, String(choice))));
  }
  if (type === "object") return element("textarea", { ...common, rows: 3, placeholder: '{"table": "users"}' });
  if (type === "array") return element("textarea", { ...common, rows: 3, placeholder: "one value a line" });
  if (secret) return element("input", { ...common, type: "password" });
  const numeric = type === "integer" || type === "number";
  return element("input", { ...common, type: "text", inputmode: numeric ? "decimal" : null,
    placeholder: "default" in schema ? String(schema.default) : "" });
}

function parameterControls(parameters, resolve) {
  return parameters.filter((parameter) => parameter.in !== "cookie").map((parameter) => {
    const secret = parameter.in === "header" && /^authorization$|key|token|secret/i.test(parameter.name);
    const control = controlFor(resolve(parameter.schema), { ...parameter, secret });
    const label = element("label", {},
      element("span", {}, parameter.name, " ", element("i", {}, parameter.in),
        parameter.required ? element("span", { class: "required" }, "required") : null),
      control);
    return { parameter, control, label };
  });
}

function securityControls(operation, root) {
  const names = Object.keys(operation.security?.[0] ?? {});
  return names.map((name) => {
    const scheme = root.components?.securitySchemes?.[name] ?? {};
    const said = scheme.type === "apiKey" ? scheme.name : scheme.scheme;
    const hint = scheme.scheme === "basic" ? "user:password" : "";
    const control = element("input", { type: "password", autocomplete: "off", placeholder: hint });
    const label = element("label", {},
      element("span", {}, `${said} `, element("i", {}, "your credential")), control);
    return { scheme, control, label };
  });
}

function deepPairs(name, value) {
  if (Array.isArray(value)) return value.flatMap((one) => deepPairs(name, one));
  if (value !== null && typeof value === "object") {
    return Object.entries(value).flatMap(([key, inner]) => deepPairs(`${name}[${key}]`, inner));
  }
  return [[name, String(value)]];
}

function queryPairs(parameter, text) {
  const type = [parameter.schema?.type].flat()[0];
  if (type === "array") return text.split("\n").map((one) => one.trim()).filter(Boolean).map((one) => [parameter.name, one]);
  if (type !== "object") return [[parameter.name, text]];
  try {
    return deepPairs(parameter.name, JSON.parse(text));
  } catch {
    return [[parameter.name, text]];
  }
}

function requestFrom(method, path, controls, securities, body) {
  let filled = path;
  const query = new URLSearchParams();
  const headers = {};
  for (const { parameter, control } of controls) {
    const text = control.value;
    if (parameter.in === "path") filled = filled.replaceAll(`{${parameter.name}}`, encodeURIComponent(text));
    else if (!text) continue;
    else if (parameter.in === "header") headers[parameter.name] = text.split("\n").filter(Boolean).join(",");
    else for (const pair of queryPairs(parameter, text)) query.append(...pair);
  }
  for (const { scheme, control } of securities) {
    if (!control.value) continue;
    if (scheme.in === "query") query.append(scheme.name, control.value);
    else if (scheme.type === "apiKey") headers[scheme.name] = control.value;
    else headers.Authorization = scheme.scheme === "basic"
      ? `Basic ${btoa(control.value)}` : `Bearer ${control.value}`;
  }
  const url = new URL(filled.replace(/^\//, "./"), BASE);
  url.search = query.toString();
  const request = { method: method.toUpperCase(), headers };
  const text = body?.value.trim();
  if (text && method !== "get" && method !== "head") {
    headers["Content-Type"] = "application/json";
    request.body = text;
  }
  return { url, request };
}

function asCurl(url, request) {
  const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  const words = [`curl -X ${request.method} ${quoted(url.href)}`];
  for (const [name, value] of Object.entries(request.headers)) words.push(`-H ${quoted(`${name}: ${value}`)}`);
  if (request.body) words.push(`--data ${quoted(request.body)}`);
  return words.join(" \\\n  ");
}

async function showAnswer(place, url, request) {
  const started = performance.now();
  let response;
  try {
    response = await fetch(url, { ...request, credentials: "same-origin", cache: "no-store" });
  } catch (error) {
    place.replaceChildren(element("p", { class: "notice" }, `No answer came: ${error.message}`));
    return;
  }
  const text = await response.text();
  const took = Math.round(performance.now() - started);
  const size = new TextEncoder().encode(text).length;
  const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
  place.replaceChildren(
    element("div", { class: response.ok ? "status" : "status bad" },
      element("b", {}, `${response.status} ${response.statusText}`.trim()),
      element("span", {}, `${took} ms`), element("span", {}, `${size.toLocaleString("en")} bytes`)),
    text ? element("pre", { tabindex: "0", "aria-label": "Body of the answer" }, prettied(text))
      : element("p", { class: "note" }, "The answer has no body."),
    element("details", {}, element("summary", {}, "Headers of the answer"), element("pre", {}, headers)),
    element("details", {}, element("summary", {}, "The request as a command"),
      element("pre", {}, asCurl(url, request))));
}

function prettied(text) {
  try {
    // Numbers that JavaScript can't hold exactly would change on the way: such a text stays as it is.
    return /\d{16}/.test(text) ? text : JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function suggestion(body, value) {
  const says = typeof value !== "object" || value === null || Object.keys(value).length > 0;
  return body.required || says ? JSON.stringify(value, null, 2) : "";
}

function tryIt(method, path, operation, parameters, root, resolve) {
  const controls = parameterControls(parameters, resolve);
  const securities = securityControls(operation, root);
  const schema = operation.requestBody?.content?.["application/json"]?.schema;
  const writable = schema && method !== "get" && method !== "head";
  const body = writable ? element("textarea", { rows: 7, spellcheck: "false" }) : null;
  if (body) body.defaultValue = suggestion(operation.requestBody, sample(schema, resolve));
  const answer = element("div", { class: "answer", "aria-live": "polite" });
  const send = element("button", { type: "submit" }, "Send request");
  const clear = element("button", { type: "reset", class: "quiet" }, "Clear");
  const labels = [...securities, ...controls].map(({ label }) => label);
  const form = element("form", { class: "try" },
    element("h3", {}, "Try it"),
    labels.length ? element("div", { class: "inputs" }, ...labels) : null,
    body ? element("label", { class: "wide" }, element("span", {}, "Body, as JSON"), body) : null,
    element("div", { class: "actions" }, send, clear), answer);
  form.addEventListener("reset", () => answer.replaceChildren());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { url, request } = requestFrom(method, path, controls, securities, body);
    send.disabled = true;
    await showAnswer(answer, url, request);
    send.disabled = false;
  });
  return form;
}

// ---- Operations

function section(title, ...content) {
  const shown = content.filter(Boolean);
  return shown.length ? element("section", {}, element("h3", {}, title), ...shown) : null;
}

function bodyOf(operation, resolve) {
  const body = operation.requestBody;
  if (!body) return null;
  const types = Object.keys(body.content ?? {});
  const schema = resolve(body.content?.[types[0]]?.schema);
  const need = body.required ? "required" : "optional";
  return section("Request body",
    element("p", { class: "note" }, `${kindOf(schema)}, ${need}; as ${types.join(", ")}`),
    body.description ? element("p", { class: "note" }, body.description) : null,
    fieldsInside(schema, resolve));
}

function answersOf(operation, resolve) {
  const rows = Object.entries(operation.responses ?? {}).map(([status, answer]) => {
    const types = Object.keys(answer.content ?? {});
    const schema = resolve(answer.content?.[types[0]]?.schema);
    const inside = fieldsInside(schema, resolve);
    return element("li", {},
      element("div", {}, element("span", { class: "name" }, status)),
      element("div", {},
        element("div", { class: "kind" }, types.join(", ") || "no body"),
        element("p", {}, answer.description ?? "")),
      inside ? element("details", { class: "more" }, element("summary", {}, "Fields"), inside) : null);
  });
  return section("Answers", element("ul", { class: "fields" }, ...rows));
}

function detailOf(path, method, operation, shared, root) {
  const resolve = resolver(root);
  const parameters = [...shared, ...(operation.parameters ?? [])].map(resolve);
  const rows = parameters.map((parameter) => fieldRow(parameter.name, resolve(parameter.schema), {
    required: parameter.required, place: parameter.in, description: parameter.description, resolve }));
  return element("div", { class: "detail" },
    operation.description ? element("p", {}, operation.description) : null,
    section("Parameters", rows.length ? element("ul", { class: "fields" }, ...rows) : null),
    bodyOf(operation, resolve),
    tryIt(method, path, operation, parameters, root, resolve),
    answersOf(operation, resolve));
}

function pathText(path) {
  const pieces = path.split(/(\{[^}]*\})/).filter(Boolean);
  return element("span", { class: "path" }, ...pieces.map((piece) => piece.startsWith("{") ? element("b", {}, piece) : piece));
}

function operationCard({ path, method, operation, shared }, root) {
  const card = element("details", { class: "operation", id: operation.operationId },
    element("summary", {},
      element("span", { class: `method ${method}` }, method.toUpperCase()),
      pathText(path),
      element("span", { class: "summary" }, operation.summary ?? "")));
  card.addEventListener("toggle", () => {
    if (card.open && card.childElementCount === 1) card.append(detailOf(path, method, operation, shared, root));
  });
  return card;
}

function operationsOf(root) {
  return Object.entries(root.paths ?? {}).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => ({
      path, method, operation: item[method], shared: item.parameters ?? [],
      tag: item[method].tags?.[0] ?? "Operations",
      text: [method, path, item[method].summary, item[method].operationId, ...(item[method].tags ?? [])].join(" ").toLowerCase(),
    })));
}

function grouped(operations, tags) {
  const groups = new Map(tags.map((tag) => [tag, []]));
  for (const one of operations) groups.set(one.tag, [...(groups.get(one.tag) ?? []), one]);
  return [...groups].filter(([, members]) => members.length);
}

function render(root) {
  const operations = operationsOf(root);
  document.title = `${root.info.title} – API documentation`;
  byId("title").textContent = root.info.title;
  byId("about").textContent = root.info.description ?? "";
  byId("version").textContent = root.info.version;
  byId("server").textContent = root.servers?.[0]?.url ?? BASE.origin;
  byId("count").textContent = operations.length;
  const cards = [];
  const groups = grouped(operations, (root.tags ?? []).map((tag) => tag.name)).map(([tag, members], index) => {
    const made = members.map((one) => ({ ...one, card: operationCard(one, root) }));
    const id = `group-${index}`;
    const group = element("section", { class: "group", id }, element("h2", {}, tag), ...made.map(({ card }) => card));
    const entry = element("li", {}, element("a", { href: `#${id}` }, tag, element("span", {}, String(made.length))));
    cards.push(...made);
    return { group, entry, made };
  });
  byId("operations").replaceChildren(...(groups.length ? groups.map(({ group }) => group)
    : [element("p", { class: "note" }, "There are no operations here.")]));
  byId("contents").replaceChildren(...groups.map(({ entry }) => entry));
  byId("filter").addEventListener("input", (event) => narrow(event.target.value, groups, cards));
  window.addEventListener("hashchange", openLinked);
  openLinked();
}

function narrow(wanted, groups, cards) {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const { group, entry, made } of groups) {
    for (const { card, text } of made) card.hidden = !words.every((word) => text.includes(word));
    const visible = made.filter(({ card }) => !card.hidden).length;
    group.hidden = entry.hidden = visible === 0;
    shown += visible;
  }
  byId("found").textContent = words.length ? `${shown} of ${cards.length} operations` : "";
}

function openLinked() {
  const linked = byId(decodeURIComponent(location.hash.slice(1)));
  if (linked instanceof HTMLDetailsElement) {
    linked.open = true;
    linked.scrollIntoView();
  }
}

async function start() {
  try {
    const response = await fetch(new URL("./openapi.json", BASE));
    if (!response.ok) throw new Error(`openapi.json: ${response.status}`);
    render(await response.json());
  } catch (error) {
    byId("title").textContent = "API documentation";
    byId("operations").replaceChildren(element("p", { class: "notice" }, `The description can't be shown: ${error.message}`));
  }
}

start();
