import { packageBuild } from '../tsup.base.ts'

export default packageBuild({
  programs: { 'chaincode-worker': 'src/embedded/chaincode-worker.ts', daemon: 'src/embedded/daemon.ts' }
})
