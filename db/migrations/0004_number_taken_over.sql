CREATE TABLE "identity_moves" (
	"ledger_id" bigint NOT NULL,
	"kind" text NOT NULL,
	"row_id" text NOT NULL,
	CONSTRAINT "identity_moves_ledger_id_kind_row_id_pk" PRIMARY KEY("ledger_id","kind","row_id")
);
--> statement-breakpoint
ALTER TABLE "clients" ADD COLUMN "merged_into_id" bigint;--> statement-breakpoint
ALTER TABLE "identity_ledger" ADD COLUMN "from_client_id" bigint;--> statement-breakpoint
ALTER TABLE "identity_ledger" ADD COLUMN "merged" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "identity_ledger" ADD COLUMN "before" jsonb;--> statement-breakpoint
ALTER TABLE "identity_ledger" ADD COLUMN "undone_by" bigint;--> statement-breakpoint
ALTER TABLE "identity_moves" ADD CONSTRAINT "identity_moves_ledger_id_identity_ledger_id_fk" FOREIGN KEY ("ledger_id") REFERENCES "public"."identity_ledger"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "clients" ADD CONSTRAINT "clients_merged_into_id_clients_id_fk" FOREIGN KEY ("merged_into_id") REFERENCES "public"."clients"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "clients_merged_idx" ON "clients" USING btree ("merged_into_id") WHERE merged_into_id is not null;--> statement-breakpoint
CREATE INDEX "identity_ledger_from_idx" ON "identity_ledger" USING btree ("from_client_id") WHERE from_client_id is not null;--> statement-breakpoint
-- A call in hand, or a note being written, may still name a card that was emptied a moment ago: its rows go to the
-- card that answers for it. The key share lock is the one that the foreign key takes anyway; it makes this wait for a
-- merge that is under way.
CREATE FUNCTION "follow_merged_card"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  answering bigint;
BEGIN
  LOOP
    SELECT merged_into_id INTO answering FROM clients WHERE id = NEW.client_id FOR KEY SHARE;
    EXIT WHEN answering IS NULL;
    NEW.client_id := answering;
  END LOOP;
  RETURN NEW;
END $$;--> statement-breakpoint
CREATE TRIGGER "interactions_insert_merged" BEFORE INSERT ON "interactions"
  FOR EACH ROW EXECUTE FUNCTION "follow_merged_card"();--> statement-breakpoint
CREATE TRIGGER "interactions_update_merged" BEFORE UPDATE OF "client_id" ON "interactions"
  FOR EACH ROW WHEN (NEW.client_id IS DISTINCT FROM OLD.client_id) EXECUTE FUNCTION "follow_merged_card"();--> statement-breakpoint
CREATE TRIGGER "timeline_entries_insert_merged" BEFORE INSERT ON "timeline_entries"
  FOR EACH ROW EXECUTE FUNCTION "follow_merged_card"();--> statement-breakpoint
CREATE TRIGGER "timeline_entries_update_merged" BEFORE UPDATE OF "client_id" ON "timeline_entries"
  FOR EACH ROW WHEN (NEW.client_id IS DISTINCT FROM OLD.client_id) EXECUTE FUNCTION "follow_merged_card"();
