import { type ComponentType, useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import type { Me } from '../server/contract/schemas.ts';
import { type BoardListener, DeskContext, type DeskTools } from './desk-context.ts';
import { call, onSignedOut } from './net/api.ts';
import { callPath } from './routes.ts';
import { createCommands } from './state/commands.ts';
import { openDesk } from './state/desk.ts';
import { applySettings } from './state/settings.ts';

interface DeskOwnerProps {
  readonly me: Me;
  readonly page: ComponentType;
  /** The session is over; the sign-in form is next. */
  readonly onLeave: () => void;
}

/** Opens the desk for as long as this person is signed in, whatever page he looks at. */
export default function DeskOwner({ me, page: Page, onLeave }: DeskOwnerProps) {
  const tools = useDesk(me, onLeave);
  if (tools === undefined) return null;
  return (
    <DeskContext value={tools}>
      <Page />
    </DeskContext>
  );
}

function useDesk(me: Me, onLeave: () => void): DeskTools | undefined {
  const [, navigate] = useLocation();
  const [tools, setTools] = useState<DeskTools>();
  // the desk outlives many renders: it must always reach the newest navigate, and must not be opened twice for it
  const go = useRef(navigate);
  go.current = navigate;
  const person = useRef(me);
  const left = useRef(onLeave);
  left.current = onLeave;

  useEffect(() => {
    applySettings(person.current);
    const leave = (): void => {
      left.current();
      go.current('/');
    };
    const opened = openTools(person.current, leave, (id) => go.current(callPath(id)));
    onSignedOut(leave);
    setTools(opened);
    return () => {
      setTools(undefined);
      opened.desk.close().catch(() => undefined);
    };
  }, []);
  return tools;
}

function openTools(me: Me, leave: () => void, onOffer: (interactionId: string) => void): DeskTools {
  const boardListeners = new Set<BoardListener>();
  const desk = openDesk({
    me,
    onSignedOut: leave,
    onOffer,
    onQueues: (queues) => {
      for (const listener of boardListeners) listener.onQueues(queues);
    },
    onBoard: (board) => {
      for (const listener of boardListeners) listener.onBoard(board);
    },
  });
  return {
    desk,
    commands: createCommands(desk),
    watchBoard(listener) {
      boardListeners.add(listener);
      desk.socket.watchQueues(true);
      return () => {
        boardListeners.delete(listener);
        if (boardListeners.size === 0) desk.socket.watchQueues(false);
      };
    },
    async signOut() {
      await call('DELETE /api/v1/session').catch(() => undefined);
      leave();
    },
  };
}
