// Writes src/api/schema.gen.ts from the API's document: `node scripts/client.mjs [openapi.json] [--check]`.
// An unknown shape ends it, so that no type is guessed.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const args = process.argv.slice(2);
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const source = args.find((each) => !each.startsWith('--')) ?? here('../../openapi.json');
const target = here('../src/api/schema.gen.ts');
const methods = ['get', 'post', 'put', 'delete', 'patch'];
const document = JSON.parse(readFileSync(source, 'utf8'));

/** `chalicelib.orders.views.OrderRequest` → `OrdersOrderRequest`: two features may use one word. */
function named(name) {
  const parts = name.split('.');
  if (parts.length === 1) return name;
  const feature = parts[1];
  return feature[0].toUpperCase() + feature.slice(1) + parts.at(-1);
}

function object(schema) {
  const required = new Set(schema.required ?? []);
  const fields = Object.entries(schema.properties ?? {}).map(
    ([name, each]) => `  ${JSON.stringify(name)}${required.has(name) ? '' : '?'}: ${typed(each)};`,
  );
  if (fields.length) return `{\n${fields.join('\n')}\n}`;
  return `Record<string, ${typeof schema.additionalProperties === 'object' ? typed(schema.additionalProperties) : 'unknown'}>`;
}

function typed(schema) {
  if (schema.$ref) return named(schema.$ref.split('/').at(-1));
  if (schema.enum) return schema.enum.map((each) => JSON.stringify(each)).join(' | ');
  if (schema.anyOf) return schema.anyOf.map(typed).join(' | ');
  switch (schema.type) {
    case 'object':
      return object(schema);
    case 'array':
      return `(${typed(schema.items ?? {})})[]`;
    case 'string':
    case 'boolean':
    case 'null':
      return schema.type;
    case 'integer':
    case 'number':
      return 'number';
    case undefined:
      return 'unknown';
    default:
      throw new Error(`a schema of type ${schema.type} is unknown here`);
  }
}

function fieldsOf(parameters, where) {
  const chosen = parameters.filter((each) => each.in === where);
  if (!chosen.length) return 'Record<string, never>';
  const fields = chosen.map(
    (each) => `${JSON.stringify(each.name)}${each.required ? '' : '?'}: ${typed(each.schema)}`,
  );
  return `{ ${fields.join('; ')} }`;
}

function content(part) {
  const schema = part?.content?.['application/json']?.schema;
  return schema ? typed(schema) : 'undefined';
}

function operations() {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    methods.filter((method) => item[method]).map((method) => ({ path, method, ...item[method] })),
  );
}

function operationType({ operationId, parameters = [], requestBody, responses }) {
  const done = Object.keys(responses).find((status) => status.startsWith('2'));
  const needsVersion = parameters.some((each) => each.in === 'header' && each.name === 'If-Match');
  return [
    `  ${operationId}: {`,
    `    path: ${fieldsOf(parameters, 'path')};`,
    `    query: ${fieldsOf(parameters, 'query')};`,
    `    body: ${content(requestBody)};`,
    `    answer: ${content(responses[done])};`,
    `    edits: ${needsVersion};`,
    '  };',
  ].join('\n');
}

/** Only an admin's operations are called from here. */
function isAdmins({ path }) {
  return path.startsWith('/v1/admin/') || path === '/v1/me' || path === '/v1/public/{platform_id}';
}

function generated() {
  const schemas = Object.entries(document.components.schemas).map(
    ([name, schema]) => `export type ${named(name)} = ${typed(schema)};`,
  );
  const used = operations().filter(isAdmins);
  const routes = used.map(
    ({ operationId, method, path }) => `  ${operationId}: ['${method.toUpperCase()}', '${path}'],`,
  );
  return [
    '// Generated from openapi.json by scripts/client.mjs; not to be edited.',
    ...schemas,
    `export interface Operations {\n${used.map(operationType).join('\n')}\n}`,
    `export const routes = {\n${routes.join('\n')}\n} as const satisfies Record<keyof Operations, readonly [string, string]>;`,
    '',
  ].join('\n\n');
}

const text = generated();
if (args.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) {
    console.error('src/api/schema.gen.ts is older than openapi.json: run `npm run client`');
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
}
