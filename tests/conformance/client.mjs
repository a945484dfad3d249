// Sends one request to an MCP server with the TypeScript SDK; prints the result as JSON.
// Usage: node client.mjs URL METHOD PARAMS, the last as JSON
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const [url, method, params] = process.argv.slice(2);
const client = new Client({ name: "naftiko-runtime-client-check", version: "1.0.0" });
const requests = {
  "tools/list": () => client.listTools(),
  "tools/call": (given) => client.callTool(given),
  "resources/read": (given) => client.readResource(given),
  "prompts/get": (given) => client.getPrompt(given),
};

await client.connect(new StreamableHTTPClientTransport(new URL(url)));
try {
  console.log(JSON.stringify(await requests[method](JSON.parse(params))));
} finally {
  await client.close();
}
