import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** The server that `npm run dev:ui` talks to. */
const server = process.env['SWITCHROOM_SERVER'] ?? 'http://127.0.0.1:8080';
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Smaller files gain nothing once headers are counted. */
const MIN_COMPRESSED_BYTES = 1024;

/** Writes .br and .gz beside every text asset: the server picks one by Accept-Encoding and never compresses while it serves calls. */
function precompress(): Plugin {
  return {
    name: 'switchroom:precompress',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        for (const [fileName, file] of Object.entries(bundle)) {
          if (!/\.(js|css|svg|json)$/.test(fileName)) continue;
          const bytes = Buffer.from(file.type === 'chunk' ? file.code : file.source);
          if (bytes.length < MIN_COMPRESSED_BYTES) continue;
          this.emitFile({ type: 'asset', fileName: `${fileName}.gz`, source: gzipSync(bytes, { level: 9 }) });
          this.emitFile({ type: 'asset', fileName: `${fileName}.br`, source: brotliCompressSync(bytes) });
        }
      },
    },
  };
}

export default defineConfig({
  root: here('.'),
  cacheDir: here('../node_modules/.cache/vite'),
  plugins: [react(), precompress()],
  // replaced by the server with the nonce of each response
  html: { cspNonce: '__CSP_NONCE__' },
  server: {
    host: '127.0.0.1',
    // an object, not a string: a string sets changeOrigin, and the server would refuse the foreign Origin
    proxy: {
      '/api': { target: server },
      '/socket.io': { target: server, ws: true },
      '/sip': { target: server, ws: true },
    },
  },
  build: {
    outDir: here('../dist/softphone'),
    emptyOutDir: true,
    // named browsers: for an older target `light-dark()` is rewritten to variables that nothing sets
    target: ['chrome125', 'edge125', 'firefox128', 'safari18'],
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
  },
});
