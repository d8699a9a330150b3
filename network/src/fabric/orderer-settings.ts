import { mspIdOf } from './plan.ts'
import type { FabricPlan, PlannedOrderer } from './plan.ts'
import type { Place } from './place.ts'
import type { Settings } from './peer-settings.ts'

/** The settings of an orderer: orderer.yaml. */
export const ordererSettings = (plan: FabricPlan, place: Place, orderer: PlannedOrderer): Settings => {
  const keys = place.layout.organization(orderer.organization)
  const tls = keys.tls(orderer.name)
  const { data } = place.layout.node(orderer.name)
  return {
    General: {
      ListenAddress: place.listen,
      ListenPort: orderer.port,
      TLS: {
        Enabled: true,
        PrivateKey: tls.key,
        Certificate: tls.certificate,
        RootCAs: [keys.tlsRoot],
        ClientAuthRequired: false
      },
      Keepalive: { ServerMinInterval: '60s', ServerInterval: '7200s', ServerTimeout: '20s' },
      // Release 2.5 does not know it and refuses to start.
      ...(plan.release.startsWith('2.') ? {} : { Backoff: { BaseDelay: '200ms', Multiplier: 1.6, MaxDelay: '5s' } }),
      MaxRecvMsgSize: 104_857_600,
      MaxSendMsgSize: 104_857_600,
      Cluster: { SendBufferSize: 100, ClientCertificate: tls.certificate, ClientPrivateKey: tls.key },
      BootstrapMethod: 'none',
      LocalMSPDir: keys.nodeMsp(orderer.name),
      LocalMSPID: mspIdOf(plan, orderer.organization),
      BCCSP: { Default: 'SW', SW: { Hash: 'SHA2', Security: 256 } },
      Authentication: { TimeWindow: '15m' }
    },
    FileLedger: { Location: data },
    Operations: { ListenAddress: `${place.listen}:${orderer.operationsPort}`, TLS: { Enabled: false } },
    Metrics: { Provider: 'prometheus' },
    Admin: {
      ListenAddress: `${place.listen}:${orderer.adminPort}`,
      TLS: {
        Enabled: true,
        Certificate: tls.certificate,
        PrivateKey: tls.key,
        RootCAs: [keys.tlsRoot],
        ClientAuthRequired: true,
        ClientRootCAs: [keys.tlsRoot]
      }
    },
    ChannelParticipation: { Enabled: true, MaxRequestBodySize: '1 MB' },
    Consensus: { WALDir: `${data}/etcdraft/wal`, SnapDir: `${data}/etcdraft/snapshot` }
  }
}
