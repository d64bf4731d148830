DROP TABLE documentos;
DROP TABLE usuarios;
