/** Numbers and layouts of SMPP 3.4 that a client of messages needs. Section numbers are of the specification, issue 1.2. */

/** Section 5.1.2.1. Responses have bit 31 set. */
export const commandIds = {
  generic_nack: 0x80000000,
  bind_receiver: 0x00000001,
  bind_receiver_resp: 0x80000001,
  bind_transmitter: 0x00000002,
  bind_transmitter_resp: 0x80000002,
  submit_sm: 0x00000004,
  submit_sm_resp: 0x80000004,
  deliver_sm: 0x00000005,
  deliver_sm_resp: 0x80000005,
  unbind: 0x00000006,
  unbind_resp: 0x80000006,
  bind_transceiver: 0x00000009,
  bind_transceiver_resp: 0x80000009,
  enquire_link: 0x00000015,
  enquire_link_resp: 0x80000015,
} as const;
export type CommandName = keyof typeof commandIds;

export const responseBit = 0x80000000;

/** `text`: C-octet string with its longest length, the final NUL included; `octets`: a length byte and so many bytes. */
type Field = readonly ['text', string, number] | readonly ['byte', string] | readonly ['octets', string];

const bindFields = [
  ['text', 'system_id', 16],
  ['text', 'password', 9],
  ['text', 'system_type', 13],
  ['byte', 'interface_version'],
  ['byte', 'addr_ton'],
  ['byte', 'addr_npi'],
  ['text', 'address_range', 41],
] as const;
const bindAnswer = [['text', 'system_id', 16]] as const;
const messageFields = [
  ['text', 'service_type', 6],
  ['byte', 'source_addr_ton'],
  ['byte', 'source_addr_npi'],
  ['text', 'source_addr', 21],
  ['byte', 'dest_addr_ton'],
  ['byte', 'dest_addr_npi'],
  ['text', 'destination_addr', 21],
  ['byte', 'esm_class'],
  ['byte', 'protocol_id'],
  ['byte', 'priority_flag'],
  ['text', 'schedule_delivery_time', 17],
  ['text', 'validity_period', 17],
  ['byte', 'registered_delivery'],
  ['byte', 'replace_if_present_flag'],
  ['byte', 'data_coding'],
  ['byte', 'sm_default_msg_id'],
  ['octets', 'short_message'],
] as const;
const messageAnswer = [['text', 'message_id', 65]] as const;

/** Mandatory parameters in their order: sections 4.1 to 4.11. */
export const layouts = {
  generic_nack: [],
  bind_receiver: bindFields,
  bind_receiver_resp: bindAnswer,
  bind_transmitter: bindFields,
  bind_transmitter_resp: bindAnswer,
  bind_transceiver: bindFields,
  bind_transceiver_resp: bindAnswer,
  submit_sm: messageFields,
  submit_sm_resp: messageAnswer,
  deliver_sm: messageFields,
  deliver_sm_resp: messageAnswer,
  unbind: [],
  unbind_resp: [],
  enquire_link: [],
  enquire_link_resp: [],
} as const satisfies Record<CommandName, readonly Field[]>;

interface FieldTypes {
  text: string;
  byte: number;
  octets: Buffer;
}
type Layouts = typeof layouts;
/** The mandatory parameters of a command by name. */
export type Fields<C extends CommandName> = {
  [F in Layouts[C][number] as F[1]]: FieldTypes[F[0]];
};

/** Optional parameters (section 5.3.2). */
export const tags = {
  receipted_message_id: 0x001e,
  user_message_reference: 0x0204,
  sar_msg_ref_num: 0x020c,
  sar_total_segments: 0x020e,
  sar_segment_seqnum: 0x020f,
  sc_interface_version: 0x0210,
  network_error_code: 0x0423,
  message_payload: 0x0424,
  message_state: 0x0427,
} as const;

/** Values of command_status (section 5.1.3) that this room says or acts upon. */
export const statuses = {
  ESME_ROK: 0x00,
  ESME_RINVMSGLEN: 0x01,
  ESME_RINVCMDLEN: 0x02,
  ESME_RINVCMDID: 0x03,
  ESME_RINVBNDSTS: 0x04,
  ESME_RALYBND: 0x05,
  ESME_RSYSERR: 0x08,
  ESME_RINVSRCADR: 0x0a,
  ESME_RINVDSTADR: 0x0b,
  ESME_RINVMSGID: 0x0c,
  ESME_RBINDFAIL: 0x0d,
  ESME_RINVPASWD: 0x0e,
  ESME_RINVSYSID: 0x0f,
  ESME_RMSGQFUL: 0x14,
  ESME_RINVSERTYP: 0x15,
  ESME_RINVESMCLASS: 0x43,
  ESME_RSUBMITFAIL: 0x45,
  ESME_RINVSRCTON: 0x48,
  ESME_RINVSRCNPI: 0x49,
  ESME_RINVDSTTON: 0x50,
  ESME_RINVDSTNPI: 0x51,
  ESME_RINVSYSTYP: 0x53,
  ESME_RTHROTTLED: 0x58,
  ESME_RX_T_APPN: 0x64,
  ESME_RX_P_APPN: 0x65,
  ESME_RX_R_APPN: 0x66,
  ESME_RINVOPTPARSTREAM: 0xc0,
  ESME_ROPTPARNOTALLWD: 0xc1,
  ESME_RINVPARLEN: 0xc2,
  ESME_RMISSINGOPTPARAM: 0xc3,
  ESME_RINVOPTPARAMVAL: 0xc4,
  ESME_RDELIVERYFAILURE: 0xfe,
  ESME_RUNKNOWNERR: 0xff,
} as const;

const statusNames = new Map<number, string>(Object.entries(statuses).map(([name, value]) => [value, name]));

/** `ESME_RTHROTTLED`, or the number of a status that the specification leaves to vendors: `0x00000400`. */
export const statusName = (status: number): string =>
  statusNames.get(status) ?? `0x${status.toString(16).padStart(8, '0')}`;
