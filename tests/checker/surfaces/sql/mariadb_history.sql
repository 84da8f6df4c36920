CREATE TABLE `customers` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `Email` varchar(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `kind` enum('person','company') NOT NULL DEFAULT 'person',
  `score` decimal(10,2) DEFAULT NULL,
  `seen` datetime(6) NULL,
  `active` tinyint(1) NOT NULL DEFAULT 1,
  `notes` mediumtext,
  PRIMARY KEY (`id`),
  UNIQUE KEY `uq_email` (`Email`),
  KEY `ix_kind_score` (`kind`, `score`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE orders (
  id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
  customer_id int unsigned NOT NULL,
  total double NOT NULL,
  placed timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  code char(8),
  CONSTRAINT fk_customer FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE
) ENGINE=InnoDB;
CREATE TABLE order_rows LIKE orders;
CREATE TABLE gone (id int PRIMARY KEY);
ALTER TABLE orders ADD COLUMN note varchar(40) AFTER total, ADD INDEX ix_code (code), MODIFY code varchar(16) NOT NULL;
ALTER TABLE orders CHANGE COLUMN note remark text, DROP COLUMN total;
ALTER TABLE customers RENAME COLUMN seen TO seen_at;
ALTER TABLE customers DROP INDEX ix_kind_score, ADD UNIQUE INDEX uq_kind (kind, score);
CREATE INDEX ix_remark ON orders (remark(20));
CREATE UNIQUE INDEX uq_code ON orders (code, customer_id);
DROP INDEX ix_code ON orders;
ALTER TABLE orders DROP FOREIGN KEY fk_customer;
ALTER TABLE orders ADD CONSTRAINT fk_buyer FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE RESTRICT ON UPDATE CASCADE;
RENAME TABLE order_rows TO order_lines;
ALTER TABLE order_lines RENAME TO items, ADD COLUMN parent_id bigint NULL;
ALTER TABLE items MODIFY id bigint NOT NULL, DROP PRIMARY KEY, ADD PRIMARY KEY (id, customer_id);
DROP TABLE gone;
