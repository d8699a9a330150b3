import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      'packages/*/test/**/*.test.ts',
      'network/test/**/*.test.ts',
      'examples/test/**/*.test.ts',
      'docs/spec/test/**/*.test.ts'
    ],
    testTimeout: 30_000,
    hookTimeout: 60_000
  }
})
