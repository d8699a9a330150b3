import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'
import { noDroppedEffect } from './tools/lint/no-dropped-effect.ts'

const sources = ['packages/*/src/**/*.ts', 'network/src/**/*.ts']

const exportStyle = [
  { selector: 'ExportAllDeclaration[source.value=/^\\./]', message: 'List the names: a lost export must show.' },
  { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' }
]

// What comes in is narrowed by a codec or a guard. `as const` asserts nothing, and `array[i] as T` only says that i is
// within bounds, which noUncheckedIndexedAccess cannot know.
const noAssertion = {
  selector:
    'TSAsExpression:not([typeAnnotation.typeName.name="const"]):not([expression.type="MemberExpression"][expression.computed=true])',
  message: 'No `as` outside codecs and tests: narrow with a codec or a guard.'
}

export default defineConfig(
  { ignores: ['**/dist/', '**/node_modules/', '.cache/', 'docs/api/', '**/*.d.ts', 'temp/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { bims: { rules: { 'no-dropped-effect': noDroppedEffect } } },
    rules: {
      'bims/no-dropped-effect': 'error',
      complexity: ['error', 10],
      'max-lines': ['error', 400],
      'no-console': 'error',
      'no-restricted-syntax': ['error', ...exportStyle],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      // `return report(…)` ends a function as well as two lines do.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }],
      // Every error of ours is a BimsError, a plain value; a foreign one is passed on as it came.
      '@typescript-eslint/only-throw-error': [
        'error',
        {
          allow: [
            { from: 'file', name: 'BimsError', path: 'packages/core/src/errors.ts' },
            { from: 'file', name: 'RpcError', path: 'network/src/embedded/rpc-error.ts' }
          ],
          allowThrowingUnknown: true
        }
      ],
      // The promises of the package bims reject with a BimsError; this rule knows no exception for a type.
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      // `const { secret: _, ...rest }` leaves a member out.
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // `TaskEither<…, void>`, `t.Type<A, AJson, unknown>` and a type parameter that stands once each say something.
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/no-unnecessary-type-arguments': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off'
    }
  },
  {
    files: sources,
    ignores: ['**/*codec*.ts', '**/codec/**'],
    rules: { 'no-restricted-syntax': ['error', ...exportStyle, noAssertion] }
  },
  {
    files: ['packages/*/test/**/*.ts', 'network/test/**/*.ts', 'examples/**/*.ts', 'docs/**/*.ts'],
    rules: {
      // A skipped test says so.
      'no-console': 'off',
      complexity: 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      // A test takes JSON apart without its types; what is not there fails it.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off'
    }
  },
  {
    // The program, the tools and the examples talk to people.
    files: ['packages/bims/src/bin.ts', 'packages/bims/src/program/**/*.ts', 'tools/**/*.ts', 'examples/**/*.ts'],
    rules: { 'no-console': 'off' }
  },
  {
    // Configuration files are read by their default export.
    files: ['*.config.ts', '*/*.config.ts', '*/*/*.config.ts', 'tools/test/*reporter.ts'],
    rules: { 'no-restricted-syntax': 'off' }
  }
)
