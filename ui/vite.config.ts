// How the page is built and its parts are tested. The browser walk has its own file: vitest.browser.config.ts.
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import { defineConfig } from "vitest/config";

/** The policy of the real window, repeated for the preview so that a violation shows in the browser walk. */
const contentSecurityPolicy =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; connect-src ipc: http://ipc.localhost";

export default defineConfig({
  plugins: [svelte(), svelteTesting()],
  base: "./",
  // Tauri's own log stays readable below Vite's, and its window expects the page where tauri.conf.json says.
  clearScreen: false,
  server: { port: 5173, strictPort: true },
  preview: { headers: { "Content-Security-Policy": contentSecurityPolicy } },
  // WebKitGTK and the oldest macOS that Tauri 2 runs on.
  build: { target: "safari16", outDir: "dist", emptyOutDir: true },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.ts", "tests/*.test.ts"],
    setupFiles: ["tests/setup.ts"],
    restoreMocks: true,
    // The first test of a file waits until its modules are transformed, which takes its time beside a build.
    testTimeout: 30_000,
  },
});
