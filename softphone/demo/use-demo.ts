import { useQuery } from '@tanstack/react-query';
import type { Output } from '../../server/contract/api.ts';
import { call } from '../net/api.ts';

export type Demo = Output<'GET /api/v1/demo'>;

/** The demo's line and callers; an error where the server has no demo. */
export const useDemo = () =>
  useQuery({
    queryKey: ['demo'],
    queryFn: (): Promise<Demo> => call('GET /api/v1/demo'),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
