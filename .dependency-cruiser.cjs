// Which way imports point (the rules of CONTRIBUTING.md), and how files are called.
const builtin = { dependencyTypes: ['core'] }
const family = '^(packages/[^/]+|network|examples)/'
const packageOf = name => (name === 'network' ? '^network/src' : `^packages/${name}/src`)

/** `from` may import none of these packages of ours, by path or by name. */
const apart = (from, ...others) => ({
  name: `${from}-apart`,
  comment:
    'Imports point up the list only: core <- ledger, chaincode, adapters <- player <- network <- bims <- examples.',
  severity: 'error',
  from: { path: packageOf(from) },
  to: { path: others.map(packageOf) }
})

/** In core, a folder may import only those before it in the list. */
const coreOrder = [
  ['json', ['errors', 'hash']],
  ['hash', []],
  ['digest', ['errors', 'hash', 'json']],
  ['acquisition', ['errors', 'hash', 'json', 'digest']],
  ['macro', ['errors', 'hash', 'json', 'digest']],
  ['bundle', ['errors', 'hash', 'json', 'digest', 'acquisition', 'macro']],
  ['ledger', ['errors', 'hash', 'json', 'digest', 'acquisition', 'macro', 'bundle']]
]

const badName = [
  '^(packages|network|tools)/.*/(utils?|helpers?|misc|common)\\.[mc]?[jt]s$',
  '^(packages|network|tools)/.*/[^/]*[A-Z_][^/]*\\.[mc]?[jt]s$'
]

module.exports = {
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-package-by-path',
      comment: 'Another package is imported by its name.',
      severity: 'error',
      from: { path: `${family}(src|test)` },
      to: { path: family, pathNot: '^$1/', dependencyTypes: ['local'] }
    },
    {
      name: 'nothing-unlisted',
      comment: 'A package imports only what its own package.json lists.',
      severity: 'error',
      from: { path: '^(packages/[^/]+|network)/src' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown'] }
    },
    {
      name: 'nothing-unresolvable',
      severity: 'error',
      from: {},
      // A conditional import; resolved per platform.
      to: { couldNotResolve: true, pathNot: '^#' }
    },
    {
      name: 'core-is-isomorphic',
      comment: 'core runs in browsers: no Node builtin but behind the conditional import #sha256.',
      severity: 'error',
      from: { path: packageOf('core'), pathNot: '^packages/core/src/hash/sha256-node\\.ts$' },
      to: builtin
    },
    {
      name: 'sha256-node-only-crypto',
      severity: 'error',
      from: { path: '^packages/core/src/hash/sha256-node\\.ts$' },
      to: { ...builtin, pathNot: '^(node:)?crypto$' }
    },
    ...coreOrder.map(([folder, allowed]) => ({
      name: `core-${folder}-order`,
      comment: 'Inside core: errors, hash <- json <- digest <- acquisition, macro <- bundle <- ledger; ports use all.',
      severity: 'error',
      from: { path: `^packages/core/src/${folder}/` },
      to: { path: '^packages/core/src/', pathNot: [folder, ...allowed].map(name => `^packages/core/src/${name}[/.]`) }
    })),
    {
      name: 'core-errors-alone',
      severity: 'error',
      from: { path: '^packages/core/src/(errors\\.ts|hash/)' },
      to: { path: '^packages/core/src/', pathNot: '^packages/core/src/hash/' }
    },
    apart('core', 'ledger', 'chaincode', 'adapters', 'player', 'network', 'bims'),
    apart('ledger', 'chaincode', 'adapters', 'player', 'network', 'bims'),
    apart('chaincode', 'ledger', 'adapters', 'player', 'network', 'bims'),
    apart('adapters', 'ledger', 'chaincode', 'player', 'network', 'bims'),
    apart('player', 'ledger', 'chaincode', 'network', 'bims'),
    apart('network', 'adapters', 'player', 'bims'),
    {
      name: 'chaincode-touches-no-machine',
      comment: 'A chaincode reads its state and its arguments only.',
      severity: 'error',
      from: { path: packageOf('chaincode') },
      to: { ...builtin, path: '^(node:)?(fs|fs/promises|net|http|https|http2|os|child_process|tls|dgram|dns)$' }
    },
    {
      name: 'handlers-know-no-fabric',
      comment: 'Only the contract class, its context and state/ see fabric-contract-api.',
      severity: 'error',
      from: { path: '^packages/chaincode/src/handlers/' },
      to: { path: 'fabric-(contract-api|shim)' }
    },
    {
      name: 'formats-apart',
      comment:
        'A container, instrument or host never imports another one; instruments/native is what they all build with.',
      severity: 'error',
      from: { path: '^packages/adapters/src/(containers|instruments|hosts)/([^/.]+)/' },
      to: {
        path: '^packages/adapters/src/(containers|instruments|hosts)/[^/.]+/',
        pathNot: ['^packages/adapters/src/$1/$2/', '^packages/adapters/src/instruments/native/']
      }
    },
    {
      name: 'networks-apart',
      severity: 'error',
      from: { path: '^network/src/(embedded|fabric)/' },
      to: { path: '^network/src/(embedded|fabric)/', pathNot: '^network/src/$1/' }
    },
    {
      name: 'examples-as-a-user',
      comment: 'An example imports packages by name, as a user would.',
      severity: 'error',
      from: { path: '^examples/([^/]+)/', pathNot: '^examples/test/' },
      to: { dependencyTypes: ['local'], pathNot: '^examples/$1/' }
    },
    {
      name: 'no-test-in-source',
      severity: 'error',
      from: { path: '^(packages/[^/]+|network)/src' },
      to: { path: '(^|/)test/' }
    },
    {
      name: 'no-dev-dependency-in-source',
      comment: 'What is published lists what it needs. (core and chaincode bundle theirs.)',
      severity: 'error',
      from: { path: '^(packages/[^/]+|network)/src', pathNot: '^packages/(core|chaincode)/src' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] }
    },
    ...['from', 'to'].map(end => ({
      name: `kebab-case-nouns-${end}`,
      comment: 'Files are kebab-case nouns; none is a drawer called util or helpers.',
      severity: 'error',
      from: {},
      to: {},
      [end]: { path: badName }
    }))
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|\\.cache)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: 'specify',
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['node', 'import', 'types', 'default'] }
  }
}
