ALTER INDEX "client_search_trgm_idx" SET (gin_pending_list_limit = 256);
