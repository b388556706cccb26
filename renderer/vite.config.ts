import { resolve } from 'node:path'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// The page is served by every peer, and by the app's window: one folder of files, found relative to it.
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [react(), tailwindcss()],
  build: {
    outDir: resolve(import.meta.dirname, '..', 'resources', 'runtime', 'page'),
    emptyOutDir: true,
    target: ['chrome108', 'safari17'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
