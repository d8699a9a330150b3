/**
 * Object identifier of the non-critical extension that every certificate of an embedded ledger carries. Where an
 * endorser's certificate has it, the endorsement comes from one machine and one owner, however many organisations
 * it names, and a verifier answers `single-party`. See docs/decisions/embedded-marker.md for the choice of the arc.
 */
export const embeddedMarkerOid = '1.3.6.1.4.1.32473.66.73.77.83.1'
