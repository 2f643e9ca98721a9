"""Invented reports under the headers of real cities, and taking them in without Django."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from engagement.evidence import archive, source
from engagement.evidence.archive import Taken
from engagement.evidence.places import Districts

NOW = datetime(2026, 5, 4, 16, 0, tzinfo=UTC)

NYC = (
    "Unique Key,Created Date,Closed Date,Agency,Agency Name,Complaint Type,Descriptor,Location Type,"
    "Incident Zip,Incident Address,Street Name,Cross Street 1,Cross Street 2,Intersection Street 1,"
    "Intersection Street 2,Address Type,City,Landmark,Facility Type,Status,Due Date,Resolution Description,"
    "Resolution Action Updated Date,Community Board,BBL,Borough,X Coordinate (State Plane),"
    "Y Coordinate (State Plane),Open Data Channel Type,Park Facility Name,Park Borough,Vehicle Type,"
    "Taxi Company Borough,Taxi Pick Up Location,Bridge Highway Name,Bridge Highway Direction,Road Ramp,"
    "Bridge Highway Segment,Latitude,Longitude,Location"
)
NYC_SHORT = (
    "unique_key,created_date,closed_date,agency,complaint_type,descriptor,borough,status,incident_zip,latitude,"
    "longitude"
)
BOSTON = (
    "CASE_ENQUIRY_ID,OPEN_DT,TARGET_DT,CLOSED_DT,OnTime_Status,CASE_STATUS,CLOSURE_REASON,CASE_TITLE,SUBJECT,"
    "REASON,TYPE,QUEUE,Department,SubmittedPhoto,ClosedPhoto,Location,fire_district,pwd_district,"
    "city_council_district,police_district,neighborhood,neighborhood_services_district,ward,precinct,land_usage,"
    "LOCATION_STREET_NAME,LOCATION_ZIPCODE,Property_Type,Property_ID,LATITUDE,LONGITUDE,Source,Geocoded_Location"
)
BOSTON_2019 = (
    "_id,case_enquiry_id,open_dt,sla_target_dt,closed_dt,on_time,case_status,closure_reason,case_title,subject,"
    "reason,type,queue,department,submitted_photo,closed_photo,location,fire_district,pwd_district,"
    "city_council_district,police_district,neighborhood,neighborhood_services_district,ward,precinct,"
    "location_street_name,location_zipcode,latitude,longitude,geom_4326,source"
)
BOSTON_2022 = (
    BOSTON_2019.replace("_id,case", "case").replace("sla_target_dt", "target_dt").replace("on_time", "ontime")
)
VANCOUVER = (
    "department,service_request_type,status,closure_reason,service_request_open_timestamp,"
    "service_request_close_date,last_modified_timestamp,address,local_area,channel,latitude,longitude,geom"
)
VANCOUVER_PORTAL = (
    "Department;Service request type;Status;Closure reason;Service request open timestamp;"
    "Service request close date;Last modified timestamp;Address;Local area;Channel;Latitude;Longitude;geom"
)
MONTREAL = (
    "ID_UNIQUE,NATURE,ACTI_NOM,TYPE_LIEU_INTERV,RUE,RUE_INTERSECTION1,RUE_INTERSECTION2,LOC_ERREUR_GDT,"
    "ARRONDISSEMENT,ARRONDISSEMENT_GEO,LIN_CODE_POSTAL,DDS_DATE_CREATION,PROVENANCE_ORIGINALE,"
    "PROVENANCE_TELEPHONE,PROVENANCE_COURRIEL,PROVENANCE_PERSONNE,PROVENANCE_COURRIER,PROVENANCE_TELECOPIEUR,"
    "PROVENANCE_INSTANCE,PROVENANCE_MOBILE,PROVENANCE_MEDIASOCIAUX,PROVENANCE_SITEINTERNET,UNITE_RESP_PARENT,"
    "LOC_LONG,LOC_LAT,LOC_X,LOC_Y,DERNIER_STATUT,DATE_DERNIER_STATUT"
)
MONTREAL_REDUCED = (
    "MOIS_CREATION,JOUR_SEMAINE,HEURE,NATURE,ACTI_NOM,DERNIER_STATUT,PROVENANCES,ARRONDISSEMENT"
)
SF = (
    "unique_key,created_date,closed_date,resolution_action_updated_date,status,status_notes,agency_name,category,"
    "complaint_type,descriptor,incident_address,supervisor_district,neighborhood,location,source,media_url,"
    "latitude,longitude,police_district"
)
CHICAGO = (
    "Creation Date,Status,Completion Date,Service Request Number,Type of Service Request,Street Address,"
    "ZIP Code,X Coordinate,Y Coordinate,Ward,Police District,Community Area,Latitude,Longitude,Location"
)
TORONTO = (
    "Creation Date,Status,First 3 Chars of Postal Code,Intersection Street 1,Intersection Street 2,Ward,"
    "Service Request Type,Division,Section"
)


def written(header: str, *records: dict[str, str], delimiter: str = "") -> str:
    """A file under a header; what a record does not say is empty."""
    delimiter = delimiter or (";" if ";" in header else ",")
    out = io.StringIO()
    table = csv.DictWriter(out, header.split(delimiter), delimiter=delimiter, lineterminator="\n")
    table.writeheader()
    table.writerows(records)
    return out.getvalue()


def boston(number: int | str, opened: str = "01/14/2015 03:04:41 PM", **more: str) -> dict[str, str]:
    said = {"CASE_ENQUIRY_ID": str(number), "OPEN_DT": opened, "TYPE": "Pothole", "CASE_STATUS": "Open"}
    return {**said, **more}


def take(
    folder: Path,
    content: str | bytes,
    *,
    format: str = "auto",
    districts: Districts | None = None,
    at: datetime = NOW,
    refused_to: Path | None = None,
    zone: str = "America/Toronto",
) -> tuple[Taken, list[dict[str, Any]]]:
    """What came of a file, and the rows that the archive keeps, by number."""
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    path, target = folder / "file", folder / "kept.parquet"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    ready = source.prepare(path, scratch=scratch, tell=lambda share: None)
    taken = archive.convert(
        ready,
        archive.settle(format, ready),
        target=target,
        scratch=scratch,
        zone=zone,
        districts=districts or Districts(),
        at=at,
        tell=lambda share: None,
        refused_to=refused_to,
    )
    assert taken.rows == taken.kept + sum(reason.count for reason in taken.reasons.values())
    relation = duckdb.sql(f"SELECT * FROM read_parquet('{target}') ORDER BY id")
    rows = [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]
    assert len(rows) == taken.kept
    return taken, rows
