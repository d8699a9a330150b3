import { packageBuild } from '../../tsup.base.ts'

// A peer's chaincode runtime requires the package's `main` and brings only its dependencies: the models travel inside.
export default packageBuild({ services: { server: 'src/server.ts' }, bundled: ['@bims/core', 'fp-ts', 'io-ts'] })
