/**
 * Tells the nodes of a shard that there is something new.
 */
import type pg from 'pg'
import { toTopic } from '../../wakes/wake-channel.ts'

/** Sends a wake for topics, each by its names. */
export const wakeAll = async (client: pg.Client, ...topics: readonly (readonly string[])[]): Promise<void> =>
  void (await client.query("SELECT pg_notify('uec_wake', $1)", [topics.map((names) => toTopic(...names)).join(',')]))
