// Lists the tools of an MCP server and calls one of them; prints what it got as JSON.
// Usage: node client.mjs URL
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const transport = new StreamableHTTPClientTransport(new URL(process.argv[2]));
const client = new Client({ name: "naftiko-runtime-client-check", version: "1.0.0" });

await client.connect(transport);
try {
  const { tools } = await client.listTools();
  const result = await client.callTool({
    name: "list-syncs",
    arguments: { limit: 5, active: true },
  });
  const protocolVersion = transport.protocolVersion;
  console.log(JSON.stringify({ protocolVersion, tools, result }));
} finally {
  await client.close();
}
