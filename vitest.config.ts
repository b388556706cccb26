import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A page on a busy machine may take a while to show what it was told.
    expect: { poll: { timeout: 10_000 } },
    // Two slow cores: real nats-servers and MLX processes in parallel files would only disturb each other.
    maxWorkers: 2,
  },
})
