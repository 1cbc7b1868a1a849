import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import optimizeLocales from '@react-aria/optimize-locales-plugin';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const stackFile = resolve(import.meta.dirname, '../.local/stack.json');

/** While developing: the API and `config.json` of the stack that `make run` started. */
function localStack(): Plugin {
  return {
    name: 'local-stack',
    apply: 'serve',
    config: () => {
      if (!existsSync(stackFile)) return {};
      const { api_url: apiUrl } = JSON.parse(readFileSync(stackFile, 'utf8'));
      const target = new URL(apiUrl);
      const rewrite = (path: string) => path.replace(/^\/api/, target.pathname);
      return { server: { proxy: { '/api': { target: target.origin, rewrite } } } };
    },
    configureServer(server) {
      server.middlewares.use('/config.json', (_request, response) => {
        const stack = JSON.parse(readFileSync(stackFile, 'utf8'));
        response.setHeader('Content-Type', 'application/json');
        response.end(
          JSON.stringify({
            api_base: '/api',
            region: stack.region,
            user_pool_client_id: stack.user_pool_client_id,
            cognito_endpoint: stack.aws_endpoint,
          }),
        );
      });
    },
  };
}

export default defineConfig({
  base: './',
  // React Aria asks for calendars by name, and would bring all thirteen of them.
  resolve: { alias: [{ find: /^.*\/createCalendar\.mjs$/, replacement: resolve(import.meta.dirname, 'src/lib/calendars.ts') }] },
  plugins: [react(), optimizeLocales.vite({ locales: ['en-US', 'tr-TR'] }), localStack()],
  build: { manifest: true, assetsInlineLimit: 0 },
});
