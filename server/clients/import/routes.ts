import type { Routes, SignedInUser } from '../../access/route.ts';
import type { ClientImport, ClientImportChange, ImportPreview } from '../../contract/client-imports.ts';

export interface ImportUseCases {
  list(): Promise<ClientImport[]>;
  view(id: number): Promise<ClientImport>;
  preview(id: number): Promise<ImportPreview>;
  edit(id: number, change: ClientImportChange): Promise<ClientImport>;
  plan(id: number, user: SignedInUser): Promise<ClientImport>;
  begin(id: number, user: SignedInUser): Promise<ClientImport>;
  cancel(id: number): Promise<ClientImport>;
  undo(id: number, user: SignedInUser): Promise<ClientImport>;
}

/** The contract's operations on imports; the file itself comes in by file-routes.ts. */
export function importRoutes(imports: ImportUseCases): Routes {
  return (mount) => {
    mount('GET /api/v1/client-imports', async () => ({ items: await imports.list() }));
    mount('GET /api/v1/client-imports/:id', ({ params }) => imports.view(params.id));
    mount('PATCH /api/v1/client-imports/:id', ({ params, body }) => imports.edit(params.id, body));
    mount('GET /api/v1/client-imports/:id/preview', ({ params }) => imports.preview(params.id));
    mount('POST /api/v1/client-imports/:id/plan', ({ params, user }) => imports.plan(params.id, user));
    mount('POST /api/v1/client-imports/:id/start', ({ params, user }) => imports.begin(params.id, user));
    mount('POST /api/v1/client-imports/:id/cancel', ({ params }) => imports.cancel(params.id));
    mount('POST /api/v1/client-imports/:id/undo', ({ params, user }) => imports.undo(params.id, user));
  };
}
