import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** `npx vite dashboards` develops against a server that runs on port 8080. */
export default defineConfig({
  root: import.meta.dirname,
  // The server keeps / for events and the API.
  base: '/app/',
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    // The first page's script is bounded by a test, compressed.
    chunkSizeWarningLimit: 900,
  },
  server: {
    proxy: {
      '/api': 'http://localhost:8080',
      '/sign-in': 'http://localhost:8080',
      '/demo': 'http://localhost:8080',
    },
  },
});
